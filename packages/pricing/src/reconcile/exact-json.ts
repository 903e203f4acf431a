/** JSON whose numbers keep the digits they were written with: money must not pass through a float (spec: pricing §15). */
import { OutlayError } from '@outlay/core'

/** A JSON number as it was written. A class, so that no JSON object can pass for one. */
export class NumberText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** What engines with access to the source text of a number pass to a reviver; TypeScript's library does not know it yet. */
type ParseWithSource = (
  text: string,
  reviver: (key: string, value: unknown, context?: { readonly source?: string }) => unknown,
) => unknown

const parseWithSource = JSON.parse as ParseWithSource

/**
 * As `JSON.parse`, with every number a `NumberText`. Fails with `SyntaxError` on what is no JSON, and with
 * `E_JSON_SOURCE` on a runtime that would hand out rounded numbers only.
 */
export const parseExactJson = (text: string): unknown =>
  parseWithSource(text, (_key, value, context) => {
    if (typeof value !== 'number') return value
    if (context?.source !== undefined) return new NumberText(context.source)
    throw new OutlayError('E_JSON_SOURCE', 'this runtime cannot read the digits of a JSON number', {
      got: process.version,
      want: 'Node 22 or newer',
      fix: 'run the command with a newer Node, or give the export as CSV',
    })
  })
