/** A stock Collector's configuration, as far as these tests read it. */
import { readYaml } from './read-yaml.ts'

type Section = Readonly<Record<string, unknown>>

export interface CollectorConfig {
  readonly receivers?: Section
  readonly processors?: Section
  readonly exporters?: Section
  readonly extensions?: Section
  readonly service?: {
    readonly extensions?: readonly string[]
    readonly pipelines?: Readonly<Record<string, Pipeline>>
  }
}

export interface Pipeline {
  readonly receivers: readonly string[]
  readonly processors: readonly string[]
  readonly exporters: readonly string[]
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Several `--config` flags: maps merge deeply, anything else is replaced by the later file. */
const merge = (earlier: unknown, later: unknown): unknown => {
  if (!isMap(earlier) || !isMap(later)) return later
  const keys = new Set([...Object.keys(earlier), ...Object.keys(later)])
  return Object.fromEntries(
    [...keys].map((key) => [key, key in later ? merge(earlier[key], later[key]) : earlier[key]]),
  )
}

export const mergeConfigs = (files: readonly string[]): CollectorConfig =>
  files.map((file) => readYaml(`collector-config/${file}`)).reduce(merge) as CollectorConfig

/** Every component that a pipeline or another component refers to, as `kind id`. */
export const referencedComponents = ({ service, exporters }: CollectorConfig): string[] => [
  ...(service?.extensions ?? []).map((id) => `extensions ${id}`),
  ...Object.values(service?.pipelines ?? {}).flatMap((pipeline) =>
    (['receivers', 'processors', 'exporters'] as const).flatMap((kind) => pipeline[kind].map((id) => `${kind} ${id}`)),
  ),
  ...Object.values(exporters ?? {}).flatMap((exporter) => {
    const storage = (exporter as { sending_queue?: { storage?: string } }).sending_queue?.storage
    return storage === undefined ? [] : [`extensions ${storage}`]
  }),
]

export const declaredComponents = (config: CollectorConfig): string[] =>
  (['receivers', 'processors', 'exporters', 'extensions'] as const).flatMap((kind) =>
    Object.keys(config[kind] ?? {}).map((id) => `${kind} ${id}`),
  )
