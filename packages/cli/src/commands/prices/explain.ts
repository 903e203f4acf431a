import { OutlayError } from '@outlay/core'
import { explainUsage, loadPackagedBook, parsePriceQuestion } from '@outlay/pricing'
import type { Command } from 'commander'
import { type BookOptions, type ChosenBook, chooseBook, withBookOptions } from '#src/book/choose-book.ts'
import { type CommandContext, EXIT } from '#src/command-context.ts'
import { readTextFile } from '#src/read-file.ts'

interface ExplainOptions extends BookOptions {
  readonly provider?: string
  readonly model?: string
  readonly at?: string
  readonly region?: string
  readonly tier?: string
  readonly host?: string
  readonly usage?: string
  readonly file?: string
}

export const addExplainCommand = (prices: Command, context: CommandContext, exit: (code: number) => void): void => {
  withBookOptions(prices.command('explain'))
    .description('what some usage costs, from which rows; answers JSON with decimal strings')
    .option('--provider <name>', 'provider as telemetry spells it')
    .option('--model <name>', 'model as telemetry spells it')
    .option('--at <time>', 'start of the call, ISO 8601')
    .option('--region <name>', 'region or residency value')
    .option('--tier <name>', 'tier that was served')
    .option('--host <name>', 'server.address of the call')
    .option('--usage <json>', 'meters, such as {"input":1000,"output":200}')
    .option('--file <path>', 'a JSON array of such questions; answers an array')
    .option('--json', 'accepted for symmetry: the answer is always JSON', true)
    .addHelpText(
      'after',
      '\nExample:\n  outlay prices explain --provider openai --model gpt-5 --at 2026-10-05T10:00:00Z --usage \'{"input":1000,"output":100}\'',
    )
    .action(async (options: ExplainOptions) => {
      const book = await chooseBook(context, options)
      const answer =
        options.file === undefined ? explainOne(book, options) : await explainFile(book, options.file, context)
      context.stdout.write(`${JSON.stringify(answer, null, 2)}\n`)
      exit(EXIT.done)
    })
}

const explainQuestion = ({ name, revision, book }: ChosenBook, json: unknown): object => ({
  ...explainUsage(book, parsePriceQuestion(json)),
  book: name,
  ...(revision === null ? { edition: loadPackagedBook().edition } : { revision }),
})

const explainOne = (book: ChosenBook, options: ExplainOptions): object => {
  const { usage, provider, model, at, region, tier, host } = options
  const question = { provider, model, at, region, tier, host }
  const missing = (['provider', 'model', 'at'] as const).filter((name) => question[name] === undefined)
  if (usage === undefined || missing.length > 0) {
    throw new OutlayError('E_PRICE_QUESTION', 'the question is not complete', {
      got: `nothing for ${[...missing, ...(usage === undefined ? ['usage'] : [])].map((name) => `--${name}`).join(', ')}`,
      fix: 'see `outlay prices explain --help`, or give --file',
    })
  }
  return explainQuestion(book, { ...question, usage: parseJson(usage, '--usage') })
}

const explainFile = async (book: ChosenBook, path: string, context: CommandContext): Promise<readonly object[]> => {
  const questions = parseJson(await readTextFile(context, path), path)
  if (!Array.isArray(questions)) {
    throw new OutlayError('E_PRICE_QUESTION', 'the file holds no array of questions', {
      where: path,
      want: '[{"provider":…,"model":…,"at":…,"usage":{…}}, …]',
    })
  }
  return questions.map((question: unknown, index) => {
    try {
      const id =
        typeof question === 'object' && question !== null ? (Reflect.get(question, 'id') as unknown) : undefined
      return { ...(typeof id === 'string' ? { id } : {}), ...explainQuestion(book, question) }
    } catch (error) {
      if (!(error instanceof OutlayError)) throw error
      throw new OutlayError(error.code, error.message, { where: `${path}[${index}]`, cause: error })
    }
  })
}

const parseJson = (text: string, where: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new OutlayError('E_PRICE_QUESTION', 'not JSON', {
      where,
      got: cause instanceof Error ? cause.message : '',
      cause,
    })
  }
}
