/** `outlay replay`: posts what was refused, after a fix. */
import type { ReplayedLedger } from '@outlay/collector'
import type { Command } from 'commander'
import { type CommandContext, EXIT } from '#src/command-context.ts'
import { type RequirementOptions, withRequirementOptions } from '#src/upkeep/requirements.ts'
import { type LogOptions, withLogOptions } from '#src/upkeep/upkeep-options.ts'

interface ReplayOptions extends LogOptions, RequirementOptions {
  readonly files: boolean
  readonly quarantine: boolean
  readonly json: boolean
}

export const addReplayCommand = (program: Command, context: CommandContext, exit: (code: number) => void): void => {
  const replay = program
    .command('replay')
    .description(
      'post what was refused, after a fix and once: files in the quarantine of the log, and calls in the table quarantine that settle now; exit 1 if something stays refused',
    )
    .option('--files', 'only blocks and records in the quarantine directory of the log', false)
    .option('--quarantine', 'only calls in the table quarantine', false)
  withRequirementOptions(withLogOptions(replay))
    .option('--json', 'print JSON', false)
    .addHelpText(
      'after',
      '\nExample:\n  outlay replay\n  outlay replay --quarantine --json\nA collector that runs does it itself between its inserts; where it is stopped, this command takes its log meanwhile.',
    )
    .action(async (options: ReplayOptions) => {
      const { runJob } = await import('#src/upkeep/run-job.ts')
      const { database, files, quarantine, json } = options
      const both = files === quarantine
      const replayed = await runJob(context, options, {
        job: 'replay',
        database,
        files: files || both,
        quarantine: quarantine || both,
      })
      context.stdout.write(`${json ? JSON.stringify({ database, ...replayed }, null, 2) : render(replayed)}\n`)
      exit(stillRefused(replayed) === 0 ? EXIT.done : EXIT.finding)
    })
}

const stillRefused = ({ files, quarantine }: ReplayedLedger): number =>
  (files?.refused.length ?? 0) + Object.values(quarantine?.still_refused ?? {}).reduce((sum, calls) => sum + calls, 0)

const render = ({ files, quarantine }: ReplayedLedger): string =>
  [
    ...(files === undefined
      ? []
      : [
          `Files: ${files.posted} posted (${files.spans} spans, ${files.entries} entries), ${files.posted_before} posted before, ${files.refused.length} still refused, ${files.kept_as_evidence} kept as evidence of damage`,
          ...files.refused.map(({ file, why }) => `  ${file}: ${why}`),
        ]),
    ...(quarantine === undefined
      ? []
      : [
          `Quarantine: ${quarantine.traces} trace(s) settled again; ${quarantine.released} call(s) released, ${quarantine.charged} charged`,
          ...Object.entries(quarantine.still_refused).map(([why, calls]) => `  ${calls} still refused: ${why}`),
        ]),
  ].join('\n')
