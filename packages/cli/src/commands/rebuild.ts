/** `outlay rebuild`: repairs what `outlay verify` found, while ingest goes on. */
import { shardNote } from '@outlay/clickhouse'
import { systemClock } from '@outlay/core'
import type { RebuiltLedger } from '@outlay/collector'
import type { Command } from 'commander'
import { bookTables, withWriter } from '#src/book/open-book.ts'
import { type CommandContext, EXIT } from '#src/command-context.ts'
import { type RequirementOptions, requirementsOf, withRequirementOptions } from '#src/upkeep/requirements.ts'
import { type LogOptions, rangeOf, withLogOptions } from '#src/upkeep/upkeep-options.ts'

interface RebuildOptions extends LogOptions, RequirementOptions {
  readonly from?: string
  readonly to?: string
  readonly dryRun: boolean
  readonly followRules: boolean
  readonly idle: boolean
  readonly json: boolean
}

export const addRebuildCommand = (program: Command, context: CommandContext, exit: (code: number) => void): void => {
  const rebuild = program
    .command('rebuild')
    .description(
      'repair the ledger: counters are summed again where they are not the sum of the ledger, and what is not what its evidence says is reversed and charged; exit 1 if something still differs, or would be changed',
    )
    .option(
      '--from <time>',
      'counters of the months from here on, evidence received from here on; ISO 8601 (default: all)',
    )
    .option('--to <time>', 'up to here, exclusive; ISO 8601 (default: all)')
    .option('--dry-run', 'print what would be changed, change nothing', false)
    .option(
      '--follow-rules',
      'bring what older rules settled to the rules of this version, closed traces included',
      false,
    )
    .option('--idle', 'nothing is on its way: settle evidence that waits for it at once', false)
  withRequirementOptions(withLogOptions(rebuild))
    .option('--json', 'print JSON', false)
    .addHelpText(
      'after',
      '\nExample:\n  outlay rebuild --dry-run\n  outlay rebuild --from 2026-11-01 --to 2026-12-01\nA collector that runs does it itself between its inserts; where it is stopped, this command takes its log meanwhile.\nOther collectors of the same database have to be stopped.',
    )
    .action(async (options: RebuildOptions) => {
      const rebuilt = options.dryRun ? await plan(context, options) : await repair(context, options)
      const { database, dryRun, json } = options
      if (json) {
        context.stdout.write(`${JSON.stringify({ database, dry_run: dryRun, ...rebuilt }, null, 2)}\n`)
      } else {
        const { renderRebuild } = await import('#src/upkeep/render-rebuild.ts')
        context.stdout.write(`${renderRebuild(rebuilt, dryRun)}\n`)
      }
      // A collector that did it needs no connection of this command.
      const note = await withWriter(context, options, (client) => shardNote(client, database)).catch(() => undefined)
      if (note !== undefined) context.stderr.write(`${note}\n`)
      exit(isWhole(rebuilt) ? EXIT.done : EXIT.finding)
    })
}

const isWhole = ({ counters, settlement }: RebuiltLedger): boolean =>
  counters.every(({ remaining_rows }) => remaining_rows === 0) && settlement.remaining_traces === 0

const plan = async (context: CommandContext, options: RebuildOptions): Promise<RebuiltLedger> => {
  // It settles as the collector would: no other command should wait for that to load.
  const { planRebuild } = await import('@outlay/collector')
  const require = await requirementsOf(context, options)
  const { database, followRules, idle } = options
  const question = { range: rangeOf(options), followRules, idle }
  // The same connection as the repair: what it would do is asked where it would be done.
  return withWriter(context, options, (client) => {
    const policy = { require, ...bookTables() }
    return planRebuild({ source: { client, database }, policy, clock: systemClock, signal: context.stop }, question)
  })
}

const repair = async (context: CommandContext, options: RebuildOptions): Promise<RebuiltLedger> => {
  const { runJob } = await import('#src/upkeep/run-job.ts')
  const { database, followRules, idle } = options
  return runJob(context, options, { job: 'rebuild', database, range: rangeOf(options), followRules, idle })
}
