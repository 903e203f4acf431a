/**
 * The configuration while the collector runs: read again at SIGHUP, and when one of its files changed. Redaction,
 * attribution and the log level follow it, tokens and certificates are looked at again; what needs a restart is named. A
 * configuration that became wrong changes nothing.
 */
import { changedKeys, type Collector, collectorSettingsOf } from '@outlay/collector'
import { limits } from '@outlay/core'
import type { CommandContext } from '#src/command-context.ts'
import { warnOfContent } from './content-warning.ts'
import type { OperatorLog } from './operator-log.ts'
import { type ReadConfig, readConfig, readConfigTexts } from './read-config.ts'
import type { ConfigOptions } from './up-options.ts'

export interface FollowSettings {
  readonly context: CommandContext
  readonly options: ConfigOptions
  readonly collector: Pick<Collector, 'reload'>
  /** What the collector was started with. */
  readonly running: ReadConfig
  readonly log: OperatorLog
  /** How often the files are looked at, in milliseconds. */
  readonly everyMs?: number
}

export interface FollowedConfig {
  /** Never rejects. */
  reload(): Promise<void>
  close(): void
}

/** Keys, and whatever is below them, that hold without a restart. */
const FOLLOWED = ['processors.redact', 'processors.attribution', 'service.telemetry.logs.level']

const isFollowed = (path: string): boolean => FOLLOWED.some((key) => path === key || path.startsWith(`${key}.`))

export const followConfig = (settings: FollowSettings): FollowedConfig => {
  const { context, options } = settings
  /** Text of the files, or what kept them from being read. */
  const look = (): Promise<string> =>
    readConfigTexts(context, options).then(
      (texts) => JSON.stringify(texts),
      (error: unknown) => reasonOf(error),
    )
  let seen = JSON.stringify(settings.running.texts)
  let work: Promise<void> = Promise.resolve()
  // One after the other: the last one to begin is the last one to hold.
  const inTurn = (step: () => Promise<void>): Promise<void> => (work = work.then(step))
  const reload = async (): Promise<void> => {
    // Looked at before it is read: a change in between is found by the next look.
    seen = await look()
    await readAgain(settings)
  }
  const timer = setInterval(
    () =>
      void inTurn(async () => {
        if ((await look()) !== seen) await reload()
      }),
    settings.everyMs ?? limits.configReloadMs,
  ).unref()
  return { reload: () => inTurn(reload), close: () => clearInterval(timer) }
}

const readAgain = async ({ context, options, collector, running, log }: FollowSettings): Promise<void> => {
  try {
    const { values } = await readConfig(context, options)
    log.setLevel(values.logLevel)
    await collector.reload(collectorSettingsOf(values, { cwd: context.cwd, walDirectory: '' }))
    warnOfContent(values, log)
    const waiting = changedKeys(running.values, values).filter((path) => !isFollowed(path))
    if (waiting.length === 0) log('config: read again')
    else log(`config: read again; these hold only after a restart: ${waiting.join(', ')}`, 'warn')
  } catch (error) {
    log(`config: the one of before holds (${reasonOf(error)})`, 'warn')
    await collector.reload()
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
