/** `outlay plan`: how large a cap, a pool and a budget have to be. Needs no database. */
import { systemClock } from '@outlay/core'
import { WORKLOADS } from '@outlay/pricing'
import { type Command, Option } from 'commander'
import { type CommandContext, EXIT } from '#src/command-context.ts'
import { parseInstant } from '#src/parse-option.ts'
import { answerPlan } from '#src/plan/plan-answer.ts'
import { parsePlan, type PlanOptions } from '#src/plan/plan-options.ts'
import { renderPlan } from '#src/plan/render-plan.ts'

const MS_PER_SECOND = 1_000

export const addPlanCommand = (program: Command, context: CommandContext, exit: (code: number) => void): void => {
  program
    .command('plan')
    .description('how large caps, pools and budgets have to be: effective tokens, tier and cost of a user and month')
    .addOption(new Option('--workload <class>', 'what users do').choices(WORKLOADS).makeOptionMandatory())
    .requiredOption('--sessions <n>', 'sessions of the median user in a month; averages may have decimals')
    .requiredOption('--turns <n>', 'turns of one session')
    .requiredOption('--input <tokens>', 'input tokens of one call')
    .requiredOption('--output <tokens>', 'output tokens of one call')
    .option(
      '--multiplier <n>',
      'what an output token counts in input tokens (default: by the prices of the model, else 4)',
    )
    .option('--tool-call-factor <n>', 'agent: calls per turn (default: 2)')
    .option('--retrieved-context <tokens>', 'rag: tokens that retrieval adds to the prompt of one call')
    .option('--users <n>', 'users or seats of a pool', '1')
    .option('--tier <name>', 'default tier to hold it against (default: the first that takes it)')
    .option('--provider <name>', 'with --model: what it costs, by the packaged price book')
    .option('--model <name>', 'model as telemetry spells it')
    .option('--at <time>', 'whose prices, ISO 8601 (default: now)')
    .option('--seat-price <usd>', 'with --target-margin: the budget of a user in money')
    .option('--target-margin <share>', 'margin that the seat shall keep, such as 0.8')
    .option('--json', 'print JSON; money is exact decimal text', false)
    .addHelpText(
      'after',
      '\nExample:\n  outlay plan --workload agent --sessions 20 --turns 5 --input 1200 --output 300 --users 25 \\\n    --provider openai --model gpt-5 --seat-price 29 --target-margin 0.8',
    )
    .action((options: PlanOptions) => {
      const plan = parsePlan(options)
      const { provider, model, tier, at } = options
      const atMs = at === undefined ? systemClock.now() : parseInstant(at, '--at') * MS_PER_SECOND
      const answer = answerPlan(plan, {
        ...(tier === undefined ? {} : { tier }),
        ...(provider === undefined || model === undefined ? {} : { model: { provider, model, atMs } }),
      })
      context.stdout.write(
        options.json
          ? `${JSON.stringify({ workload: options.workload, ...answer }, null, 2)}\n`
          : `${renderPlan(answer)}\n`,
      )
      exit(EXIT.done)
    })
}
