/** Facts that turn a refusal into something a person can act on. */
export interface OutlayErrorDetails {
  /** What was found. Never a prompt, a key, a token or a row. */
  readonly got?: string
  readonly want?: string
  /** What to do about it. */
  readonly fix?: string
  /** Where: file, line, path or flag. */
  readonly where?: string
  readonly cause?: unknown
}

/** A failure that a person sees: a stable code, what was wrong, got/want, and what to do. */
export class OutlayError extends Error {
  readonly code: string
  readonly details: OutlayErrorDetails

  constructor(code: string, what: string, details: OutlayErrorDetails = {}) {
    super(composeMessage(what, details), details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'OutlayError'
    this.code = code
    this.details = details
  }
}

const composeMessage = (what: string, { got, want, fix, where }: OutlayErrorDetails): string =>
  [
    where === undefined ? what : `${where}: ${what}`,
    got === undefined ? '' : `; got ${got}`,
    want === undefined ? '' : `; want ${want}`,
    fix === undefined ? '' : `. ${fix}`,
  ].join('')

/** Programmer error: a condition that no input may break. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`BUG: ${message}`)
}
