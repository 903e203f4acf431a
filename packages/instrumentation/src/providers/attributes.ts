import type { Attributes } from '@opentelemetry/api'

/** Absent is not zero: a counter that was not reported gets no attribute. */
export const put = (attributes: Attributes, name: string, value: string | number | undefined): void => {
  if (value !== undefined) attributes[name] = value
}
