/** A collector.yaml of the examples, read by the collector's own parser. */
import { type ConfigValues, parseCollectorConfig } from '@outlay/collector'

/** Fails with `E_CONFIG` as `outlay up` would, also where a variable of the file is missing in `environment`. */
export const parseConfig = (
  name: string,
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): ConfigValues => parseCollectorConfig({ files: [{ name, text }], assignments: [], overrides: [], environment }).values

/** Names of `${env:NAME}`, each once. */
export const variablesOf = (text: string): readonly string[] => [
  ...new Set([...text.matchAll(/[$][{]env:(\w+)/g)].map(([, name]) => name ?? '')),
]
