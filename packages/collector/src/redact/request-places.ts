/** Where the stripper stands in a request, by byte offsets, and what it has seen of a message. */

/** What holds attributes: how many were seen, how many went for the limit, and the field that counts the missing ones. */
export interface Attributed {
  seen: number
  overLimit: number
  reportedDropped: number
}

/** A span: its tag, its length, its payload. */
export interface SpanPlace {
  readonly tagStart: number
  readonly lengthStart: number
  readonly start: number
  readonly stop: number
}

/** A field of a message that ends at `end`. */
export interface FieldPlace {
  readonly tag: number
  readonly tagStart: number
  readonly end: number
}

export const newAttributed = (): Attributed => ({ seen: 0, overLimit: 0, reportedDropped: 0 })
