/** SIGHUP: what may change while the collector runs is read again; what needs a restart is named. */
import { type Collector, type CollectorConfig, collectorSettingsOf } from '@outlay/collector'
import type { CommandContext } from '#src/command-context.ts'
import { warnOfContent } from './content-warning.ts'
import type { OperatorLog } from './operator-log.ts'
import { readConfig } from './read-config.ts'
import type { ConfigOptions } from './up-options.ts'

interface Reloading {
  readonly context: CommandContext
  readonly options: ConfigOptions
  readonly collector: Collector
  /** What the collector was started with. */
  readonly running: CollectorConfig
  readonly log: OperatorLog
}

/** Keys below it are followed without a restart. */
const FOLLOWED = 'processors.redact.'

/** Never rejects: a configuration that became wrong leaves the one of before, and that is said. */
export const reloadConfig = async ({ context, options, collector, running, log }: Reloading): Promise<void> => {
  try {
    const next = await readConfig(context, options)
    const { redact, userKey } = collectorSettingsOf(next.values, { cwd: context.cwd, walDirectory: '' })
    await collector.reload({
      ...(redact === undefined ? {} : { redact }),
      ...(userKey === undefined ? {} : { userKey }),
    })
    warnOfContent(next.values, log)
    const waiting = changedKeys(running, next).filter((path) => !path.startsWith(FOLLOWED))
    log(
      waiting.length === 0
        ? 'config: read again'
        : `config: read again; these hold only after a restart: ${waiting.join(', ')}`,
    )
  } catch (error) {
    log(`config: the one of before holds (${error instanceof Error ? error.message : String(error)})`)
    await collector.reload()
  }
}

const changedKeys = (before: CollectorConfig, after: CollectorConfig): readonly string[] =>
  after.effective
    .filter(({ value }, index) => JSON.stringify(value) !== JSON.stringify(before.effective[index]?.value))
    .map(({ path }) => path)
