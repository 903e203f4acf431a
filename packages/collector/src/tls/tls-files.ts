/**
 * Certificate, key and CA of one endpoint as they are on disk. Read again at every interval and on demand: a change is for
 * new connections, so no request under way is cut. What cannot be read or does not fit together leaves the old ones in place,
 * and that is said once per state of the files.
 */
import { readFile } from 'node:fs/promises'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { limits, OutlayError } from '@outlay/core'
import { Reloading } from '#src/reloading.ts'

export type TlsVersion = '1.2' | '1.3'

export interface TlsSettings {
  /** PEM; the certificate first, then those between it and its CA. */
  readonly certFile: string
  /** PEM. */
  readonly keyFile: string
  /** PEM. Set = clients must show a certificate of one of these. */
  readonly clientCaFile?: string
  readonly minVersion?: TlsVersion
  readonly reloadIntervalMs?: number
  /**
   * Tenants by a name in the client's certificate, as Node writes subject alternative names: `DNS:agent.acme.example`,
   * `URI:spiffe://acme/agent`. For senders without a token.
   */
  readonly clientTenants?: ReadonlyMap<string, string>
}

export type TlsFilesEvent =
  | { readonly type: 'tls_reloaded'; readonly endpoint: string }
  /** The old ones hold. */
  | { readonly type: 'tls_refused'; readonly endpoint: string; readonly error: unknown }

interface TlsFilesSettings {
  readonly tls: TlsSettings
  /** For messages: `OTLP/HTTP`. */
  readonly endpoint: string
  readonly onEvent: (event: TlsFilesEvent) => void
}

interface Loaded {
  readonly texts: readonly string[]
  readonly context: SecureContextOptions
}

export class TlsFiles {
  readonly #settings: TlsFilesSettings
  readonly #reloading: Reloading
  readonly #watchers = new Set<(context: SecureContextOptions) => void>()
  #context: SecureContextOptions
  /** Contents of the files, or what is wrong with them, as last seen. */
  #seen: string

  private constructor(settings: TlsFilesSettings, { texts, context }: Loaded) {
    this.#settings = settings
    this.#context = context
    this.#seen = texts.join('\n')
    this.#reloading = new Reloading(settings.tls.reloadIntervalMs ?? limits.tlsReloadMs, () => this.#readAgain())
  }

  /** Fails with `E_TLS_FILES`. */
  static async open(settings: TlsFilesSettings): Promise<TlsFiles> {
    return new TlsFiles(settings, await load(settings))
  }

  get context(): SecureContextOptions {
    return this.#context
  }

  get requiresClientCertificate(): boolean {
    return this.#settings.tls.clientCaFile !== undefined
  }

  /** Called with every new context, never with a broken one. */
  watch(onChange: (context: SecureContextOptions) => void): void {
    this.#watchers.add(onChange)
  }

  /** Never rejects. Two at once are one. */
  reload(): Promise<void> {
    return this.#reloading.now()
  }

  close(): void {
    this.#reloading.close()
  }

  async #readAgain(): Promise<void> {
    const { endpoint, onEvent } = this.#settings
    try {
      const { texts, context } = await load(this.#settings)
      if (!this.#isNews(texts.join('\n'))) return
      this.#context = context
      for (const onChange of this.#watchers) onChange(context)
      onEvent({ type: 'tls_reloaded', endpoint })
    } catch (error) {
      if (this.#isNews(String(error))) onEvent({ type: 'tls_refused', endpoint, error })
    }
  }

  #isNews(state: string): boolean {
    const news = state !== this.#seen
    this.#seen = state
    return news
  }
}

const load = async ({ tls, endpoint }: TlsFilesSettings): Promise<Loaded> => {
  const [cert, key, ca] = await Promise.all([
    readPem(tls.certFile, endpoint),
    readPem(tls.keyFile, endpoint),
    tls.clientCaFile === undefined ? undefined : readPem(tls.clientCaFile, endpoint),
  ])
  const context: SecureContextOptions = {
    cert,
    key,
    ...(ca === undefined ? {} : { ca }),
    minVersion: tls.minVersion === '1.3' ? 'TLSv1.3' : 'TLSv1.2',
  }
  try {
    createSecureContext(context)
  } catch (cause) {
    throw new OutlayError('E_TLS_FILES', 'certificate and key cannot be used', {
      where: `${tls.certFile}, ${tls.keyFile}`,
      // OpenSSL names the mistake and quotes nothing of the files.
      got: (cause as { code?: string }).code ?? 'an error of the library',
      want: 'PEM files that belong together',
      cause,
    })
  }
  return { texts: [cert, key, ca ?? ''], context }
}

const readPem = async (file: string, endpoint: string): Promise<string> => {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new OutlayError('E_TLS_FILES', `a file of TLS for ${endpoint} cannot be read`, {
      where: file,
      got: (cause as { code?: string }).code ?? String(cause),
      cause,
    })
  }
}
