/** Runs a job of upkeep: by the collector that owns the log, or by this process where none runs. */
import { runUpkeep, type UpkeepAnswer, type UpkeepJob } from '@outlay/collector'
import { bookTables, compileNow, withWriter } from '#src/book/open-book.ts'
import type { CommandContext } from '#src/command-context.ts'
import { type RequirementOptions, requirementsOf } from './requirements.ts'
import { type LogOptions, logDirectoryOf } from './upkeep-options.ts'

export const runJob = <Job extends UpkeepJob>(
  context: CommandContext,
  options: LogOptions & RequirementOptions,
  job: Job,
): Promise<UpkeepAnswer<Job>> =>
  withWriter(context, options, async (client) => {
    const require = await requirementsOf(context, options)
    const answer = await runUpkeep(
      {
        walDirectory: logDirectoryOf(context, options),
        client,
        policy: { require, ...bookTables() },
        signal: context.stop,
        onProgress: (line) => {
          if (context.stderr.isTTY === true) context.stderr.write(`${line}\n`)
        },
      },
      job,
    )
    // New charges may name new skus, and no collector may be there to compile their prices.
    await compileNow(client, options.database)
    return answer
  })
