/** Keys that carriers are signed with. The first one signs; every one of them is accepted, so that keys can be rotated. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { OutlayError } from '@outlay/core'

export interface CarrierKey {
  /** Named in the carrier: 1 to 32 letters, digits, `_` or `-`. Never give a used name to another secret. */
  readonly id: string
  /** Shared by the processes that send and receive. Text is taken as UTF-8. */
  readonly secret: string | Uint8Array
}

const KEY_ID = /^[A-Za-z0-9_-]{1,32}$/

/** Fails with `E_CARRIER_KEY` on a key without a usable name or a secret, or on a name that is given twice. */
export const checkCarrierKeys = (keys: readonly CarrierKey[]): void => {
  const seen = new Set<string>()
  for (const { id, secret } of keys) {
    const problem = !KEY_ID.test(id) ? 'a name of another form' : secret.length === 0 ? 'an empty secret' : undefined
    if (problem !== undefined || seen.has(id)) {
      throw new OutlayError('E_CARRIER_KEY', 'a key for carriers cannot be used', {
        got: problem ?? 'the same name twice',
        want: 'carrierKeys: [{ id, secret }], id of 1 to 32 letters, digits, _ or -, each once',
        fix: 'to rotate, put the new key first and keep the old one until the queues are drained',
      })
    }
    seen.add(id)
  }
}

export const signatureOf = (text: string, { secret }: CarrierKey): string =>
  createHmac('sha256', secret).update(text).digest('base64url')

export const isSignatureOf = (signature: string, text: string, key: CarrierKey): boolean => {
  const wanted = Buffer.from(signatureOf(text, key))
  const got = Buffer.from(signature)
  return wanted.length === got.length && timingSafeEqual(wanted, got)
}
