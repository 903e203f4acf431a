/**
 * The tokens file as it is now. Read again at every interval and on demand: a change holds within one interval, which is
 * how fast a revocation works. A file that is gone, unreadable or wrong leaves the tokens as they were, and that is said
 * once per state of the file.
 */
import { readFile } from 'node:fs/promises'
import { limits, OutlayError } from '@outlay/core'
import { parseTokensFile } from './parse-tokens-file.ts'
import { TokenSet } from './token-set.ts'
import { Reloading } from '#src/reloading.ts'

export type TokenStoreEvent =
  | { readonly type: 'tokens_reloaded'; readonly tokens: number }
  /** The old ones hold. */
  | { readonly type: 'tokens_refused'; readonly error: unknown }

export interface TokenStoreSettings {
  readonly file: string
  readonly reloadIntervalMs?: number
  readonly onEvent: (event: TokenStoreEvent) => void
}

export class TokenStore {
  readonly #settings: TokenStoreSettings
  readonly #reloading: Reloading
  #tokens: TokenSet
  /** Text of the file, or what kept it from being read, as last seen. */
  #seen: string

  private constructor(settings: TokenStoreSettings, text: string, tokens: TokenSet) {
    this.#settings = settings
    this.#tokens = tokens
    this.#seen = `read ${text}`
    this.#reloading = new Reloading(settings.reloadIntervalMs ?? limits.tokensReloadMs, () => this.#readAgain())
  }

  /** Fails with `E_TOKENS_FILE`: a start with a wrong file is no start. */
  static async open(settings: TokenStoreSettings): Promise<TokenStore> {
    const text = await readFile(settings.file, 'utf8').catch((cause: unknown) => {
      throw unreadable(settings.file, cause)
    })
    return new TokenStore(settings, text, new TokenSet(parseTokensFile(settings.file, text)))
  }

  get tokens(): TokenSet {
    return this.#tokens
  }

  /** Never rejects. Two at once are one. */
  reload(): Promise<void> {
    return this.#reloading.now()
  }

  close(): void {
    this.#reloading.close()
  }

  async #readAgain(): Promise<void> {
    const { file, onEvent } = this.#settings
    try {
      const text = await readFile(file, 'utf8').catch((cause: unknown) => {
        throw unreadable(file, cause)
      })
      if (!this.#isNews(`read ${text}`)) return
      this.#tokens = new TokenSet(parseTokensFile(file, text))
      onEvent({ type: 'tokens_reloaded', tokens: this.#tokens.size })
    } catch (error) {
      const isUnreadable = error instanceof OutlayError && error.details.cause !== undefined
      if (!isUnreadable || this.#isNews(`failed ${error.message}`)) onEvent({ type: 'tokens_refused', error })
    }
  }

  #isNews(state: string): boolean {
    const news = state !== this.#seen
    this.#seen = state
    return news
  }
}

const unreadable = (file: string, cause: unknown): OutlayError =>
  new OutlayError('E_TOKENS_FILE', 'the tokens file cannot be read', {
    where: file,
    got: (cause as { code?: string }).code ?? String(cause),
    fix: 'create one with `outlay tokens create`, or correct the path',
    cause,
  })
