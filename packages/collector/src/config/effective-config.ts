/** The configuration as it holds, for people: every key, its value as one would write it, and where it came from. */
import type { ConfigKey } from './config-keys.ts'
import type { Leaf } from './config-layers.ts'

export interface EffectiveValue {
  readonly path: string
  /** As one would write it; null = left out; secrets and passwords in URLs masked. */
  readonly value: unknown
  /** `collector.yaml:12`, `--set`, `--otlp-port`, `default`. */
  readonly origin: string
}

const MASK = '****'

export const effectiveValueOf = (known: ConfigKey, leaf: Leaf | undefined): EffectiveValue => {
  const value = leaf?.value ?? known.fallback ?? null
  return {
    path: known.path,
    value: value === null ? null : known.secret ? MASK : masked(value),
    origin: leaf?.origin ?? 'default',
  }
}

/** A value in a message. */
export const shownValue = (value: unknown): string => JSON.stringify(masked(value)) ?? 'nothing'

/** Whoever puts a password into a URL shall not read it in a log. */
const masked = (value: unknown): unknown =>
  typeof value === 'string' ? value.replace(/(:\/\/[^/\s:@]*):[^/\s@]+@/, `$1:${MASK}@`) : value
