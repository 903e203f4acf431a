import { renameSync, writeFileSync } from 'node:fs'
import { systemClock } from '@outlay/core'
import { type TempDir, tempDir } from '@outlay/testkit'
import { vi } from 'vitest'
import type { Admit } from '#src/otlp/admission.ts'
import { createAuthenticator, createToken, type NewToken, TokenStore, type TokenStoreEvent } from '#src/tokens/index.ts'

/** A tokens file that is watched closely, and an authenticator that asks it. */
export interface WatchedTokens extends AsyncDisposable {
  readonly file: string
  readonly store: TokenStore
  readonly events: TokenStoreEvent[]
  readonly admit: Admit
  /** Resolves with the next event after those that were there. */
  nextEvent(): Promise<TokenStoreEvent>
}

const RELOAD_MS = 10

export const watchTokens = async (
  { file, directory }: TokensFile,
  header = 'authorization',
  clock = systemClock,
): Promise<WatchedTokens> => {
  const events: TokenStoreEvent[] = []
  const store = await TokenStore.open({ file, reloadIntervalMs: RELOAD_MS, onEvent: (event) => events.push(event) })
  let seen = 0
  return {
    file,
    store,
    events,
    admit: createAuthenticator({ tokens: () => store.tokens, header, clock })(new Map()),
    nextEvent: async () => {
      await vi.waitUntil(() => events.length > seen, { timeout: 10_000, interval: 5 })
      seen += 1
      return events[seen - 1] as TokenStoreEvent
    },
    [Symbol.asyncDispose]: () => {
      store.close()
      directory.remove()
      return Promise.resolve()
    },
  }
}

export interface TokensFile {
  readonly file: string
  readonly directory: TempDir
  add(token: Partial<NewToken>): Promise<string>
  /** All at once: a file that is watched closely must never be seen half written. */
  write(text: string | Buffer): void
}

export const tokensFile = (): TokensFile => {
  const directory = tempDir()
  const file = `${directory.path}/tokens.yaml`
  return {
    file,
    directory,
    add: async (token) =>
      (await createToken(file, { binding: { kind: 'tenant', tenant: 'acme' }, scopes: ['ingest'], ...token })).token,
    write: (text) => {
      writeFileSync(`${file}.new`, text)
      renameSync(`${file}.new`, file)
    },
  }
}

export const idOf = (token: string): string => token.split('_')[1] ?? ''

/** Behind the second underscore; it may hold more of them. */
export const secretOf = (token: string): string => token.split('_').slice(2).join('_')
