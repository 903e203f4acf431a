/** What `service` says of pipelines and extensions, held against what this version runs. Order and members are fixed. */
import { suggestionFor } from '@outlay/pricing'

const KINDS = ['receivers', 'processors', 'exporters'] as const
type Kind = (typeof KINDS)[number]
export type Pipelines = Readonly<Record<string, Readonly<Record<Kind, readonly string[]>>>>

/** Members in the order in which they work. */
type Shape = Readonly<Record<Kind, readonly string[]>>

const LEDGER: Shape = {
  receivers: ['otlp'],
  processors: ['memory_limiter', 'redact', 'genai', 'attribution'],
  exporters: ['clickhouse'],
}
const MIRROR: Shape = { receivers: ['otlp'], processors: ['memory_limiter', 'redact'], exporters: ['otlp_http'] }

const REFUSED: Readonly<Record<string, string>> = {
  batch: 'would answer before anything is durable; batches are built behind the log. Remove it',
  otlp: 'the mirror speaks OTLP over HTTP: want otlp_http',
  otlphttp: 'want otlp_http',
}

/** Type of a component id `type` or `type/name`. */
export const typeOf = (id: string): string => id.split('/')[0] ?? id

export const isMirror = ({ exporters }: Pipelines[string]): boolean => exporters.map(typeOf).includes('otlp_http')

/** Problems by the path below `service.pipelines`. */
export const pipelineProblems = (
  pipelines: Pipelines,
): readonly { readonly path: readonly string[]; readonly what: string }[] => {
  const problems: { path: readonly string[]; what: string }[] = []
  const all = Object.entries(pipelines)
  const mirrors = all.filter(([, pipeline]) => isMirror(pipeline))
  if (all.length - mirrors.length !== 1)
    problems.push({ path: [], what: 'one pipeline goes to clickhouse; want "traces"' })
  if (mirrors.length > 1) problems.push({ path: [], what: 'this version has one mirror' })
  for (const [id, pipeline] of all) {
    if (typeOf(id) !== 'traces') problems.push({ path: [id], what: 'only traces are taken; want "traces"' })
    const shape = isMirror(pipeline) ? MIRROR : LEDGER
    for (const kind of KINDS) {
      problems.push(...membersOf(kind, pipeline[kind], shape).map((what) => ({ path: [id, kind], what })))
    }
  }
  return problems
}

const membersOf = (kind: Kind, ids: readonly string[], shape: Shape): readonly string[] => {
  const known = shape[kind]
  const types = ids.map(typeOf)
  const strange = types.filter((type) => !known.includes(type))
  if (strange.length > 0) {
    return strange.map((type) =>
      type in REFUSED && (kind !== 'receivers' || type !== 'otlp')
        ? `${type}: ${REFUSED[type]}`
        : `unknown ${kind.slice(0, -1)} "${type}"${suggestionFor(type, known) || `; want ${known.join(', ')}`}`,
    )
  }
  const missing = known.filter((type) => !types.includes(type))
  if (missing.length > 0) return missing.map((type) => `without ${type}; ${MISSING[type] ?? 'it always runs: add it'}`)
  return types.join() === known.join() ? [] : [`the order is fixed; got ${types.join(', ')}; want ${known.join(', ')}`]
}

const MISSING: Readonly<Record<string, string>> = {
  redact: 'add it; to keep content all the same, say processors.redact.mode: off',
}
