/**
 * Changes of a tokens file by command: comments and order stay, the file is replaced as a whole, and only its owner may
 * read it. A running collector sees the old file or the new one, never half of one.
 */
import { open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { OutlayError } from '@outlay/core'
import { Document, isSeq, parseDocument } from 'yaml'
import { FROM_ATTRIBUTE, parseTokensFile } from './parse-tokens-file.ts'
import type { Scope, TokenBinding, TokenEntry } from './token-entry.ts'
import { createTokenText, hashSecret } from './token-text.ts'

export interface NewToken {
  readonly binding: TokenBinding
  readonly scopes: readonly Scope[]
  readonly expiresAtMs?: number
}

export interface CreatedToken {
  /** To be shown once: it is written down nowhere. */
  readonly token: string
  readonly entry: TokenEntry
}

const HEADER = ` Tokens of the Outlay collector. Secrets are not in here, only their SHA-256.
 Change it with \`outlay tokens create\` and \`outlay tokens revoke\`, or by hand; a running collector reads it again.`

/** Fails with `E_TOKENS_FILE`. A file that is not there is created. */
export const createToken = async (file: string, { binding, scopes, expiresAtMs }: NewToken): Promise<CreatedToken> => {
  const { id, secret, text } = createTokenText()
  const entries = await editTokensFile(file, (document) => {
    const entry = {
      id,
      sha256: hashSecret(secret).toString('hex'),
      scopes,
      ...bindingKeys(binding),
      ...(expiresAtMs === undefined ? {} : { expires: new Date(expiresAtMs).toISOString() }),
    }
    const node = document.createNode(entry)
    const list = node.get('scopes')
    if (isSeq(list)) list.flow = true
    document.addIn(['tokens'], node)
  })
  return { token: text, entry: entryWith(entries, id) }
}

/** Ends a token now. Fails with `E_TOKENS_FILE` or `E_TOKEN_ID`. One that was revoked before stays as it was. */
export const revokeToken = async (file: string, id: string, nowMs: number): Promise<TokenEntry> => {
  const entries = await editTokensFile(file, (document, before) => {
    const index = before.findIndex((entry) => entry.id === id)
    if (index < 0) {
      throw new OutlayError('E_TOKEN_ID', 'no token of the file has that id', {
        where: file,
        fix: 'see the ids with `outlay tokens list`',
      })
    }
    if (before[index]?.revokedAtMs === undefined)
      document.setIn(['tokens', index, 'revoked'], new Date(nowMs).toISOString())
  })
  return entryWith(entries, id)
}

/** Fails with `E_TOKENS_FILE`. */
export const readTokensFile = async (file: string): Promise<readonly TokenEntry[]> => {
  const text = await readText(file)
  if (text !== undefined) return parseTokensFile(file, text).tokens
  throw new OutlayError('E_TOKENS_FILE', 'there is no such tokens file', {
    where: file,
    fix: 'create one with `outlay tokens create`',
  })
}

const bindingKeys = (binding: TokenBinding): Readonly<Record<string, unknown>> =>
  binding.kind === 'tenant'
    ? { tenant: binding.tenant }
    : {
        tenant: FROM_ATTRIBUTE,
        account: binding.account,
        ...(binding.tenants === undefined ? {} : { tenants: [...binding.tenants] }),
        ...(binding.tenantPrefix === undefined ? {} : { tenant_prefix: binding.tenantPrefix }),
      }

const entryWith = (entries: readonly TokenEntry[], id: string): TokenEntry => {
  const entry = entries.find((candidate) => candidate.id === id)
  if (entry === undefined) throw new Error('BUG: an edited tokens file lost the token')
  return entry
}

const readText = async (file: string): Promise<string | undefined> => {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    if ((cause as { code?: string }).code === 'ENOENT') return undefined
    throw refusal(file, cause)
  }
}

const refusal = (file: string, cause: unknown): OutlayError =>
  new OutlayError('E_TOKENS_FILE', 'the tokens file cannot be read or written', {
    where: file,
    got: (cause as { code?: string }).code ?? String(cause),
    cause,
  })

type Edit = (document: Document, before: readonly TokenEntry[]) => void

/** What comes out is checked before it takes the place of the old one. */
const editTokensFile = async (file: string, edit: Edit): Promise<readonly TokenEntry[]> => {
  const path = resolve(file)
  const draft = `${path}.new`
  const handle = await open(draft, 'wx', 0o600).catch((cause: unknown) => {
    if ((cause as { code?: string }).code !== 'EEXIST') throw refusal(file, cause)
    throw new OutlayError('E_TOKENS_FILE', 'the tokens file is being changed by another command', {
      where: file,
      fix: `run the command again; remove ${draft} if no other command runs`,
    })
  })
  try {
    const before = await readText(path)
    const entries = before === undefined ? [] : parseTokensFile(file, before).tokens
    const document: Document = before === undefined ? emptyDocument() : parseDocument(before)
    edit(document, entries)
    const after = document.toString({ lineWidth: 0 })
    const { tokens: result } = parseTokensFile(file, after)
    await handle.writeFile(after)
    await handle.sync()
    await rename(draft, path)
    await syncDirectory(dirname(path))
    return result
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  } finally {
    await handle.close()
  }
}

const emptyDocument = (): Document => {
  const document = new Document({ tokens: [] })
  document.commentBefore = HEADER
  // An empty list is written in flow style, which would keep its entries on one line.
  const list = document.get('tokens')
  if (isSeq(list)) list.flow = false
  return document
}

const syncDirectory = async (path: string): Promise<void> => {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
