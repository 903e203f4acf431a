/**
 * The configuration as it takes effect, each value with where it comes from: where the ledger is, and everything that the
 * collector is told by files, `--set` and options.
 */
import type { CollectorConfig } from '@outlay/collector'
import type { CommandContext } from '#src/command-context.ts'
import { readerSettings } from '#src/connection.ts'

export interface EffectiveSetting {
  readonly name: string
  /** Secrets are masked. */
  readonly value: string
  /** `collector.yaml:12`, `--set`, an option, `environment`, `engine` (the embedded one says where it is), `default`. */
  readonly origin: string
}

const CONNECTION = [
  ['CLICKHOUSE_URL', 'url'],
  ['CLICKHOUSE_USER', 'username'],
  ['CLICKHOUSE_PASSWORD', 'password'],
] as const

const masked = (name: string, value: string): string =>
  name.endsWith('PASSWORD') ? (value === '' ? '(none)' : '(set)') : value

/** A URL may carry a password of its own. */
const withoutCredentials = (text: string): string => text.replace(/\/\/[^/@]*@/, '//***@')

/** `engineUrl`: where the embedded engine of the data directory is, if there is one. */
export const effectiveSettings = (
  context: CommandContext,
  { values, effective }: CollectorConfig,
  engineUrl: string | undefined,
): readonly EffectiveSetting[] => {
  const connection = readerSettings(context, values.database)
  const ofConnection = CONNECTION.map(([name, field]): EffectiveSetting => {
    if (field === 'url' && engineUrl !== undefined) return { name, value: engineUrl, origin: 'engine' }
    const origin = context.environment[name] === undefined ? 'default' : 'environment'
    return { name, value: withoutCredentials(masked(name, connection[field])), origin }
  })
  const ofCollector = effective.map(
    ({ path, value, origin }): EffectiveSetting => ({
      name: path,
      value: value === null ? '(not set)' : typeof value === 'string' ? value : JSON.stringify(value),
      origin,
    }),
  )
  return [...ofConnection, ...ofCollector]
}
