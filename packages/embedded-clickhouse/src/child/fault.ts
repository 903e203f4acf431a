/** An answer in ClickHouse's own terms: a numbered exception that clients already know how to read. */
export class Fault extends Error {
  readonly code: number
  /** Complete text as a server would send it, without the version suffix. */
  readonly text: string
  readonly status: number
  /** The read guard's rule, when one of them refused the statement. */
  readonly rule: string | undefined

  constructor(code: number, name: string, what: string, options: { status?: number; rule?: string } = {}) {
    super(what)
    this.name = 'Fault'
    this.code = code
    this.text = `Code: ${code}. DB::Exception: ${what} (${name})`
    this.status = options.status ?? statusOfCode(code)
    this.rule = options.rule
  }
}

export const syntaxFault = (what: string): Fault => new Fault(62, 'SYNTAX_ERROR', what)
export const accessFault = (what: string, rule?: string): Fault =>
  new Fault(497, 'ACCESS_DENIED', what, rule === undefined ? {} : { rule })
export const busyFault = (what: string): Fault => new Fault(202, 'TOO_MANY_SIMULTANEOUS_QUERIES', what, { status: 503 })

const ENGINE_TEXT = /^Code: (\d+)\. DB::Exception: (.*)$/s

/** Turns what the engine threw into a fault; anything without a code is our own failure (code 1002). */
export const faultOf = (error: unknown): Fault => {
  if (error instanceof Fault) return error
  const raw = error instanceof Error ? error.message : String(error)
  const match = ENGINE_TEXT.exec(raw.replace(/^Query failed: /, ''))
  if (match === null) return new Fault(1002, 'UNKNOWN_EXCEPTION', `The engine endpoint failed: ${raw}`)
  // It repeats what a reader asked, so no pattern may walk back over it.
  const text = (match[2] ?? '').trimEnd()
  const named = /\(([A-Z][A-Z0-9_]+)\)$/.exec(text)
  const what = named === null ? text : text.slice(0, named.index).trimEnd()
  return new Fault(Number(match[1]), named?.[1] ?? 'UNKNOWN_EXCEPTION', what)
}

const BAD_REQUEST = new Set([
  6, 26, 27, 33, 32, 38, 41, 42, 43, 44, 53, 62, 69, 70, 72, 108, 117, 130, 167, 168, 271, 306, 354, 456, 457,
])
const FORBIDDEN = new Set([164, 192, 193, 194, 497, 516])
const NOT_FOUND = new Set([16, 36, 46, 47, 50, 56, 60, 73, 75, 81, 82, 115, 120])

/** The status a server would choose for an exception code. */
const statusOfCode = (code: number): number => {
  if (BAD_REQUEST.has(code)) return 400
  if (FORBIDDEN.has(code)) return 403
  if (NOT_FOUND.has(code)) return 404
  if (code === 159) return 408
  if (code === 48 || code === 78) return 501
  return code === 439 || code === 745 ? 503 : 500
}
