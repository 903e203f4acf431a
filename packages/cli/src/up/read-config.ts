/** The configuration of `outlay up`: files, `--set`, environment and options, each value with its origin. */
import {
  type CollectorConfig,
  CONFIG_KEYS,
  type ConfigOverride,
  endpointWith,
  parseCollectorConfig,
} from '@outlay/collector'
import type { CommandContext } from '#src/command-context.ts'
import { readTextFile } from '#src/read-file.ts'
import type { ConfigOptions } from './up-options.ts'

/** Of every file, in their order. Fails with `E_FILE`. */
export const readConfigTexts = (context: CommandContext, { config = [] }: ConfigOptions): Promise<readonly string[]> =>
  Promise.all(config.map((name) => readTextFile(context, name)))

export interface ReadConfig extends CollectorConfig {
  /** What it was read from. */
  readonly texts: readonly string[]
}

/** Fails with `E_FILE` or `E_CONFIG`, with every problem. */
export const readConfig = async (context: CommandContext, options: ConfigOptions): Promise<ReadConfig> => {
  const names = options.config ?? []
  const texts = await readConfigTexts(context, options)
  const config = parseCollectorConfig({
    files: names.map((name, index) => ({ name, text: texts[index] ?? '' })),
    assignments: options.set ?? [],
    overrides: overridesOf(options),
    environment: context.environment,
  })
  return { ...config, texts }
}

interface AddressChange {
  readonly host?: string | undefined
  readonly port?: number | undefined
}

const overridesOf = (options: ConfigOptions): readonly ConfigOverride[] => {
  const { database, host, adminHost, tokens, otlpPort, otlpGrpcPort, adminPort } = options
  return [
    ...valueOverride(CONFIG_KEYS.database.path, '--database', database),
    ...valueOverride(CONFIG_KEYS.tokensFile.path, '--tokens', tokens),
    ...[CONFIG_KEYS.insecure, CONFIG_KEYS.adminInsecure].flatMap(({ path }) =>
      valueOverride(path, '--insecure-allow-unauthenticated', options.insecureAllowUnauthenticated || undefined),
    ),
    ...addressOverride(CONFIG_KEYS.httpEndpoint.path, '--host, --otlp-port', { host, port: otlpPort }),
    ...addressOverride(CONFIG_KEYS.grpcEndpoint.path, '--host, --otlp-grpc-port', { host, port: otlpGrpcPort }),
    ...addressOverride(CONFIG_KEYS.adminEndpoint.path, '--host, --admin-host, --admin-port', {
      host: adminHost ?? host,
      port: adminPort,
    }),
  ]
}

const valueOverride = (path: string, origin: string, value: string | boolean | undefined): ConfigOverride[] =>
  value === undefined ? [] : [{ path, origin, apply: () => value }]

const addressOverride = (path: string, origin: string, { host, port }: AddressChange): ConfigOverride[] =>
  host === undefined && port === undefined
    ? []
    : [
        {
          path,
          origin,
          apply: (before) =>
            endpointWith(before, { ...(host === undefined ? {} : { host }), ...(port === undefined ? {} : { port }) }),
        },
      ]
