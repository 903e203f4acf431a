/** Options of `outlay up`, parsed. */
export interface UpOptions {
  readonly dataDir: string
  readonly database: string
  readonly demo: boolean
  /** Path of a bands file. */
  readonly bands?: string
  readonly demoDays: number
  readonly host: string
  /** Address of panel, metrics and health; absent = that of `host`. */
  readonly adminHost?: string
  /** Path of a tokens file. */
  readonly tokens?: string
  readonly insecureAllowUnauthenticated: boolean
  readonly otlpPort: number
  readonly otlpGrpcPort: number
  readonly sqlPort: number
  readonly adminPort: number
}
