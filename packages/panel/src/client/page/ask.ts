/** One question to the server: its figures, or a refusal in words. */
import type { Refusal } from '#src/shared/answers.ts'

export interface Aged {
  /** Seconds since the figures were read: 0, or a little while the answer is given again, or more from a slow ledger. */
  readonly ageSeconds: number
}

export type Asked<Answer> =
  | { readonly ok: true; readonly answer: Answer & Aged }
  | { readonly ok: false; readonly error: Refusal['error'] }

const NO_SERVER = {
  code: 'OFFLINE',
  message: 'Outlay does not answer. Is it still running? `outlay up` (or `npm start`) starts it.',
} as const

export const ask = async <Answer>(address: string): Promise<Asked<Answer>> => {
  let response: Response
  try {
    response = await fetch(address, { headers: { accept: 'application/json' } })
  } catch {
    return { ok: false, error: NO_SERVER }
  }
  const body: unknown = await response.json().catch(() => undefined)
  if (response.ok && body !== undefined) {
    const ageSeconds = Number(response.headers.get('age') ?? 0)
    return { ok: true, answer: { ...(body as Answer), ageSeconds } }
  }
  const error = (body as Refusal | undefined)?.error
  return {
    ok: false,
    error: error ?? { code: String(response.status), message: 'The server answered without a reason.' },
  }
}

/** Older figures than this come from a ledger that is slow just now. */
const AGED_SECONDS = 15
const AGAIN_MS = 4_000

/** Shows what there is at once, and once more where that was old and something newer came. Answers what was shown last. */
export const askUntilNew = async <Answer>(
  address: string,
  show: (asked: Asked<Answer>) => void,
): Promise<Asked<Answer>> => {
  const first = await ask<Answer>(address)
  show(first)
  if (!first.ok || first.answer.ageSeconds < AGED_SECONDS) return first
  await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
  const second = await ask<Answer>(address)
  if (!second.ok || second.answer.ageSeconds >= first.answer.ageSeconds) return first
  show(second)
  return second
}
