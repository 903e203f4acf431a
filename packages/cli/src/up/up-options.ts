/** Options of `outlay up`, parsed. What is left out holds as the configuration says. */
export interface UpOptions extends ConfigOptions {
  readonly dataDir: string
  readonly demo: boolean
  /** Path of a bands file. */
  readonly bands?: string
  readonly demoDays: number
  readonly sqlPort: number
}

/** Options that are part of the collector's configuration. */
export interface ConfigOptions {
  /** Paths of configuration files, merged in their order. */
  readonly config?: readonly string[]
  /** `a.b=c`, after the files. */
  readonly set?: readonly string[]
  readonly database?: string
  readonly host?: string
  /** Address of panel, metrics and health; absent = that of `host`. */
  readonly adminHost?: string
  /** Path of a tokens file. */
  readonly tokens?: string
  readonly insecureAllowUnauthenticated?: boolean
  readonly otlpPort?: number
  readonly otlpGrpcPort?: number
  readonly adminPort?: number
}
