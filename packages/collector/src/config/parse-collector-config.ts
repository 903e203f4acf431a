/**
 * Files, `--set` and options of the command → one frozen configuration, or every problem with its path, its value and where
 * it came from. Values are parsed once, by the schemas of `config-keys.ts`; a key that no list knows is refused.
 */
import { OutlayError } from '@outlay/core'
import { suggestionFor } from '@outlay/pricing'
import { LOCAL_AUTHORITY } from '#src/tokens/token-entry.ts'
import { isMirror, pipelineProblems, typeOf } from './check-pipelines.ts'
import { CONFIG_KEYS, type ConfigKey, configKeys, type ConfigValues, isConfigKey } from './config-keys.ts'
import { type ConfigText, ConfigTree, type Leaf, mergeFile, mergeSet } from './config-layers.ts'
import { type EffectiveValue, effectiveValueOf, shownValue } from './effective-config.ts'
import { UNSUPPORTED_KEYS } from './unsupported-keys.ts'

/** An option of the command: it goes before everything else. */
export interface ConfigOverride {
  readonly path: string
  /** Name of the option. */
  readonly origin: string
  /** From what held until then, as written, to what holds now. */
  readonly apply: (before: unknown) => unknown
}

export interface ConfigSources {
  readonly files: readonly ConfigText[]
  /** Assignments of `--set`. */
  readonly assignments: readonly string[]
  readonly overrides: readonly ConfigOverride[]
  readonly environment: Readonly<Record<string, string | undefined>>
}

export interface CollectorConfig {
  readonly values: ConfigValues
  /** Every key with its value and where it came from; secrets masked. */
  readonly effective: readonly EffectiveValue[]
}

/** Fails with `E_CONFIG`, with every problem. */
export const parseCollectorConfig = (sources: ConfigSources): CollectorConfig => {
  const problems: string[] = []
  const tree = mergedTree(sources, problems)
  const leaves = leavesOf(tree, problems)
  for (const { path, origin, apply } of sources.overrides) {
    const known = configKeys.find((candidate) => candidate.path === path)
    leaves.set(path, { value: apply(leaves.get(path)?.value ?? known?.fallback), origin })
  }
  const parsed = new Map<string, unknown>()
  const effective = configKeys.map((known) => {
    const leaf = leaves.get(known.path)
    const given = leaf !== undefined || known.fallback !== undefined
    if (given) parsed.set(known.path, parseLeaf(known, leaf ?? { value: known.fallback, origin: 'default' }, problems))
    return effectiveValueOf(known, leaf)
  })
  if (problems.length === 0) problems.push(...contradictions(parsed, leaves))
  if (problems.length > 0) {
    throw new OutlayError(
      'E_CONFIG',
      `the configuration was refused, ${problems.length} problem(s):\n  ${problems.join('\n  ')}`,
    )
  }
  return {
    values: Object.freeze(valuesOf(CONFIG_KEYS, parsed)) as ConfigValues,
    effective,
  }
}

const mergedTree = ({ files, assignments, environment }: ConfigSources, problems: string[]): ConfigTree => {
  const tree = new ConfigTree()
  const reading = { environment, problems: [] as { where: string; what: string }[] }
  for (const file of files) mergeFile(tree, file, reading)
  for (const assignment of assignments) mergeSet(tree, assignment, reading)
  problems.push(...reading.problems.map(({ where, what }) => `${where}: ${what}`))
  return tree
}

const knownPaths = configKeys.map(({ path }) => path)

/** Values by the path of their key, `redact/strict` as `redact`; what has no key is a problem. */
const leavesOf = (tree: ConfigTree, problems: string[]): Map<string, Leaf> => {
  const leaves = new Map<string, Leaf>()
  const visit = (node: ConfigTree, path: readonly string[]): void => {
    const dotted = path.join('.')
    if (knownPaths.includes(dotted)) {
      const leaf = valueOfTree(node)
      // A key without a value is as good as none.
      if (leaf.value !== null && leaf.value !== undefined) leaves.set(dotted, leaf)
      return
    }
    const children = [...node.children]
    const isBranch = knownPaths.some((known) => known.startsWith(`${dotted}.`)) || path.length === 0
    const unsupported = UNSUPPORTED_KEYS.find(({ path: refused }) => refused === dotted)
    if (unsupported !== undefined || !isBranch) {
      problems.push(`${dotted}: ${unsupported?.why ?? unknownKey(path)}; from ${originOf(node)}`)
      return
    }
    const isEmpty = node.leaf?.value === null || JSON.stringify(node.leaf?.value) === '{}'
    if (node.leaf !== undefined && !isEmpty) {
      problems.push(`${dotted}: got ${shownValue(node.leaf.value)}; want a map of settings; from ${node.leaf.origin}`)
    }
    const seen = new Set<string>()
    for (const [name, child] of children) {
      // Only components have names: `type/name` two levels down.
      const type = path.length === 1 ? typeOf(name) : name
      if (seen.has(type)) {
        problems.push(`${[...path, name].join('.')}: this version has one ${type}; from ${originOf(child)}`)
        continue
      }
      seen.add(type)
      visit(child, [...path, type])
    }
  }
  visit(tree, [])
  return leaves
}

const unknownKey = (path: readonly string[]): string => {
  const parent = path.slice(0, -1)
  const prefix = parent.length === 0 ? '' : `${parent.join('.')}.`
  const siblings = new Set(
    knownPaths
      .filter((known) => known.startsWith(prefix))
      .map((known) => known.slice(prefix.length).split('.')[0] ?? ''),
  )
  const name = path.at(-1) ?? ''
  return `unknown key${suggestionFor(name, [...siblings]) || `; want one of ${[...siblings].join(', ')}`}`
}

const originOf = (node: ConfigTree): string => {
  if (node.leaf !== undefined) return node.leaf.origin
  const [first] = node.children.values()
  return first === undefined ? 'default' : originOf(first)
}

/** A key may take a map: then everything below it is its value. */
const valueOfTree = (node: ConfigTree): Leaf => {
  if (node.children.size === 0) return node.leaf ?? { value: undefined, origin: 'default' }
  const entries = [...node.children].map(([name, child]) => [name, valueOfTree(child).value] as const)
  return { value: Object.fromEntries(entries), origin: originOf(node) }
}

const parseLeaf = (known: ConfigKey, { value, origin }: Leaf, problems: string[]): unknown => {
  const result = known.schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const got = known.secret ? 'something else' : shownValue(value)
  const near =
    issue?.code === 'invalid_value' && typeof value === 'string' ? suggestionFor(value, issue.values.map(String)) : ''
  const at = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`
  problems.push(`${known.path}: got ${got}; want ${issue?.message ?? known.form}${at}${near}; from ${origin}`)
  return undefined
}

const TLS_PREFIXES = ['receivers.otlp.protocols.http.tls', 'receivers.otlp.protocols.grpc.tls'] as const

/** Values that are right alone and wrong together. */
const contradictions = (parsed: ReadonlyMap<string, unknown>, leaves: ReadonlyMap<string, Leaf>): readonly string[] => {
  const problems: string[] = []
  const from = (path: string): string => `; from ${leaves.get(path)?.origin ?? 'default'}`
  const pipelines = parsed.get(CONFIG_KEYS.pipelines.path) as ConfigValues['pipelines']
  for (const { path, what } of pipelineProblems(pipelines)) {
    problems.push(`${[CONFIG_KEYS.pipelines.path, ...path].join('.')}: ${what}${from(CONFIG_KEYS.pipelines.path)}`)
  }
  for (const prefix of TLS_PREFIXES) {
    const has = (name: string): boolean => parsed.get(`${prefix}.${name}`) !== undefined
    if (has('cert_file') !== has('key_file')) {
      const [given, missing] = has('cert_file') ? ['cert_file', 'key_file'] : ['key_file', 'cert_file']
      problems.push(`${prefix}.${missing}: missing; ${given} needs it${from(`${prefix}.${given}`)}`)
    }
    if (has('client_ca_file') && !has('cert_file'))
      problems.push(`${prefix}.cert_file: missing; client_ca_file needs it${from(`${prefix}.client_ca_file`)}`)
    const tenants = parsed.get(`${prefix}.client_tenants`) as ConfigValues['http']['clientTenants']
    if (Object.values(tenants ?? {}).includes(LOCAL_AUTHORITY)) {
      const what = `"${LOCAL_AUTHORITY}" stands for senders without a token; choose another name`
      problems.push(`${prefix}.client_tenants: ${what}${from(`${prefix}.client_tenants`)}`)
    }
    if (has('client_tenants') && !has('client_ca_file'))
      problems.push(`${prefix}.client_ca_file: missing; client_tenants needs it${from(`${prefix}.client_tenants`)}`)
  }
  problems.push(...mirrorContradictions(parsed).map(({ path, what }) => `${path}: ${what}${from(path)}`))
  const extensions = parsed.get(CONFIG_KEYS.extensions.path) as ConfigValues['extensions']
  const tokens = parsed.get(CONFIG_KEYS.tokensFile.path) !== undefined
  const at = CONFIG_KEYS.extensions.path
  if (extensions !== undefined && !extensions.includes('wal'))
    problems.push(`${at}: wal always runs: add it${from(at)}`)
  if (extensions !== undefined && extensions.includes('tokens') !== tokens) {
    const what = tokens
      ? 'extensions.tokens is configured and not in the list: add tokens'
      : 'tokens needs extensions.tokens.file'
    problems.push(`${at}: ${what}${from(at)}`)
  }
  return problems
}

const mirrorContradictions = (
  parsed: ReadonlyMap<string, unknown>,
): readonly { readonly path: string; readonly what: string }[] => {
  const { mirrorEndpoint, mirrorTracesEndpoint, mirrorLagMax, walBytesMax, pipelines } = CONFIG_KEYS
  const given = [mirrorEndpoint, mirrorTracesEndpoint].filter(({ path }) => parsed.get(path) !== undefined)
  const isMirrored = Object.values(parsed.get(pipelines.path) as ConfigValues['pipelines']).some(isMirror)
  if (given.length > 1)
    return [{ path: mirrorTracesEndpoint.path, what: 'stands in place of endpoint: give one of them' }]
  const [target] = given
  if (target === undefined)
    return isMirrored ? [{ path: mirrorEndpoint.path, what: 'missing; a pipeline goes there' }] : []
  if (!isMirrored) {
    const want = 'traces/mirror: { receivers: [otlp], processors: [memory_limiter, redact], exporters: [otlp_http] }'
    return [{ path: target.path, what: `no pipeline goes there; add ${want}` }]
  }
  const half = Number(parsed.get(walBytesMax.path)) / 2
  const lag = Number(parsed.get(mirrorLagMax.path))
  return lag > half
    ? [{ path: mirrorLagMax.path, what: `got ${lag} bytes; want at most half of ${walBytesMax.path}, ${half}` }]
    : []
}

const valuesOf = (keys: object, parsed: ReadonlyMap<string, unknown>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(keys).map(([name, entry]: [string, object]) => [
      name,
      isConfigKey(entry) ? parsed.get(entry.path) : Object.freeze(valuesOf(entry, parsed)),
    ]),
  )
