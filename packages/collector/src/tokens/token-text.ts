/**
 * A token as its holder has it: `ok_<id>_<secret>`. The id is public and names the entry in the tokens file; the secret is
 * 256 random bits that exist in the clear only with the holder.
 */
import { hash, randomBytes } from 'node:crypto'

const ID_BYTES = 8
const SECRET_BYTES = 32
const TOKEN = /^ok_([0-9a-z]{4,32})_([A-Za-z0-9_-]{43})$/

/** Lower-case letters and digits. */
export const TOKEN_ID = /^[0-9a-z]{4,32}$/

export interface TokenText {
  readonly id: string
  readonly secret: string
}

/** Undefined if the text has not the form of a token. */
export const parseTokenText = (text: string): TokenText | undefined => {
  const [, id, secret] = TOKEN.exec(text) ?? []
  return id === undefined || secret === undefined ? undefined : { id, secret }
}

/** A new token. Never written down here: who asked for it shows it once. */
export const createTokenText = (): TokenText & { readonly text: string } => {
  const id = randomBytes(ID_BYTES).toString('hex')
  const secret = randomBytes(SECRET_BYTES).toString('base64url')
  return { id, secret, text: `ok_${id}_${secret}` }
}

/** SHA-256: a secret of 256 random bits needs no slow hash. */
export const hashSecret = (secret: string): Buffer => hash('sha256', secret, 'buffer')
