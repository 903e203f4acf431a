import type { Attributes } from '@opentelemetry/api'

/** Absent is not zero: a counter that was not reported gets no attribute. */
export const withoutUndefined = (attributes: Readonly<Record<string, string | number | undefined>>): Attributes => {
  const present: Attributes = {}
  for (const name in attributes) {
    const value = attributes[name]
    if (value !== undefined) present[name] = value
  }
  return present
}
