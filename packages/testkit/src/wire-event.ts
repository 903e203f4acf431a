/** One server-sent event before it is written. `name` is set by the APIs that name their events. */
export interface WireEvent {
  readonly name?: string
  readonly data: unknown
  /** Streams of AWS mark a failure in the frame. */
  readonly isException?: boolean
}

export const encodeEvent = ({ name, data }: WireEvent): string => {
  const text = typeof data === 'string' ? data : JSON.stringify(data)
  return `${name === undefined ? '' : `event: ${name}\n`}data: ${text}\n\n`
}

/** Text in the pieces in which a model would send it; joining them gives the text back. */
export const piecesOf = (text: string): string[] => text.match(/\s*\S+|\s+$/g) ?? []

/** Seconds since the epoch in every `created` field: fixed, so that two runs send the same bytes. */
export const CREATED_SECONDS = 1_763_712_000
