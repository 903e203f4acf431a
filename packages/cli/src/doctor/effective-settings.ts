/**
 * The configuration as it takes effect, each value with where it comes from. The one place that knows: whatever else may
 * set a value, such as a configuration file, is named here as its origin.
 */
import type { Command } from 'commander'
import type { CommandContext } from '#src/command-context.ts'
import { readerSettings } from '#src/connection.ts'

export interface EffectiveSetting {
  readonly name: string
  /** Secrets are masked. */
  readonly value: string
  /** `engine`: the embedded engine of the data directory says where it is. */
  readonly origin: 'flag' | 'environment' | 'engine' | 'default'
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
  command: Command,
  engineUrl: string | undefined,
): readonly EffectiveSetting[] => {
  const options = command.opts<Record<string, string | number | boolean | undefined>>()
  const connection = readerSettings(context, String(options['database']))
  const ofConnection = CONNECTION.map(([name, field]): EffectiveSetting => {
    if (field === 'url' && engineUrl !== undefined) return { name, value: engineUrl, origin: 'engine' }
    const origin = context.environment[name] === undefined ? 'default' : 'environment'
    return { name, value: withoutCredentials(masked(name, connection[field])), origin }
  })
  const ofFlags = command.options.flatMap((option): EffectiveSetting[] => {
    const name = option.attributeName()
    const value = options[name]
    if (name === 'json' || value === undefined) return []
    const origin = command.getOptionValueSource(name) === 'default' ? 'default' : 'flag'
    return [{ name: option.long ?? name, value: typeof value === 'string' ? value : JSON.stringify(value), origin }]
  })
  return [...ofConnection, ...ofFlags]
}
