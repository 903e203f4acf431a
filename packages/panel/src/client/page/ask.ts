/** One question to the server: its figures, or a refusal in words. */
import type { Aged, Refusal } from '#src/shared/answers.ts'

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
  if (response.ok && body !== undefined) return { ok: true, answer: body as Answer & Aged }
  const error = (body as Refusal | undefined)?.error
  return {
    ok: false,
    error: error ?? { code: String(response.status), message: 'The server answered without a reason.' },
  }
}
