/** What `service` says of pipelines and extensions, held against what this version runs. Order and members are fixed. */
import { suggestionFor } from '@outlay/pricing'

/** In the order in which they work. */
const PROCESSORS = ['memory_limiter', 'redact', 'genai', 'attribution'] as const

const KNOWN = {
  receivers: ['otlp'],
  processors: PROCESSORS,
  exporters: ['clickhouse'],
} as const
type Kind = keyof typeof KNOWN

const KINDS = ['receivers', 'processors', 'exporters'] as const

const REFUSED: Readonly<Record<string, string>> = {
  batch: 'would answer before anything is durable; batches are built behind the log. Remove it',
  otlp_http: 'the mirror is not supported by this version; forward from a stock Collector',
  otlp: 'the mirror is not supported by this version; forward from a stock Collector',
}

export type Pipelines = Readonly<Record<string, Readonly<Record<Kind, readonly string[]>>>>

/** Type of a component id `type` or `type/name`. */
export const typeOf = (id: string): string => id.split('/')[0] ?? id

/** Problems by the path below `service.pipelines`. */
export const pipelineProblems = (
  pipelines: Pipelines,
): readonly { readonly path: readonly string[]; readonly what: string }[] => {
  const problems: { path: readonly string[]; what: string }[] = []
  const ids = Object.keys(pipelines)
  if (ids.length !== 1) problems.push({ path: [], what: 'this version runs one pipeline; want "traces" alone' })
  for (const id of ids) {
    if (typeOf(id) !== 'traces') problems.push({ path: [id], what: 'only traces are taken; want "traces"' })
    for (const kind of KINDS) {
      const given = pipelines[id]?.[kind] ?? []
      problems.push(...membersOf(kind, given).map((what) => ({ path: [id, kind], what })))
    }
  }
  return problems
}

const membersOf = (kind: Kind, ids: readonly string[]): readonly string[] => {
  const known: readonly string[] = KNOWN[kind]
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
  redact: 'nothing goes to clickhouse with its content: add it',
}
