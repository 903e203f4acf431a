/**
 * The layers of a configuration, merged: files in their order, then `--set`, then options of the command. Maps are merged key
 * by key, everything else is replaced. Every value keeps where it came from. `${env:NAME}` and `${env:NAME:-default}` are
 * filled in; `$$` is a dollar.
 */
import { readYamlSource, type YamlSource } from '@outlay/pricing'
import { parseDocument } from 'yaml'
import type { ValuePath } from './problems.ts'

export interface ConfigText {
  /** Name for messages: the path of the file. */
  readonly name: string
  readonly text: string
}

/** A value with its origin: `collector.yaml:12`, `--set`, `--otlp-port`, `default`. */
export interface Leaf {
  readonly value: unknown
  readonly origin: string
}

/** By path; the keys of a map are further entries. An empty map, or a key without a value, is a leaf as well. */
export class ConfigTree {
  readonly children = new Map<string, ConfigTree>()
  leaf: Leaf | undefined

  at(path: readonly string[]): ConfigTree | undefined {
    const [name, ...rest] = path
    return name === undefined ? this : this.children.get(name)?.at(rest)
  }
}

export interface LayerProblem {
  readonly where: string
  readonly what: string
}

interface Reading {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly problems: LayerProblem[]
}

/** A file that is no YAML is a problem and adds nothing. */
export const mergeFile = (tree: ConfigTree, { name, text }: ConfigText, reading: Reading): void => {
  const faults: Parameters<typeof readYamlSource>[2] = []
  const source = readYamlSource(name, text, faults)
  if (source === undefined) {
    // The parser's own text may quote the line, and the line may hold a secret.
    for (const { where } of faults) reading.problems.push({ where, what: 'not valid YAML, or a key is given twice' })
    return
  }
  if (source.value === null) return
  if (!isMap(source.value)) {
    reading.problems.push({ where: name, what: 'not a map of settings; want "receivers: …"' })
    return
  }
  merge(tree, source.value, { path: [], originOf: originsOf(source), reading })
}

const originsOf =
  (source: YamlSource) =>
  (path: ValuePath): string => {
    const { file, line } = source.placeOf(path)
    return `${file}:${line}`
  }

/** `receivers.otlp.protocols.http.endpoint=0.0.0.0:4318`; the value is YAML. */
export const mergeSet = (tree: ConfigTree, assignment: string, reading: Reading): void => {
  const [dotted = '', ...rest] = assignment.split('=')
  const document = parseDocument(rest.join('='))
  if (!/^[^\s.]+(?:\.[^\s.]+)*$/.test(dotted) || rest.length === 0 || document.errors.length > 0) {
    reading.problems.push({ where: '--set', what: 'want KEY=VALUE such as processors.redact.mode=known_only' })
    return
  }
  const path = dotted.split('.')
  const value = path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), document.toJS() as unknown)
  merge(tree, value as object, { path: [], originOf: () => '--set', reading })
}

interface Merging {
  readonly path: readonly string[]
  readonly originOf: (path: ValuePath) => string
  readonly reading: Reading
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const merge = (tree: ConfigTree, map: object, merging: Merging): void => {
  for (const [name, given] of Object.entries(map) as [string, unknown][]) {
    const path = [...merging.path, name]
    let child = tree.children.get(name)
    if (child === undefined) tree.children.set(name, (child = new ConfigTree()))
    if (isMap(given) && Object.keys(given).length > 0) {
      child.leaf = undefined
      merge(child, given, { ...merging, path })
      continue
    }
    const origin = merging.originOf(path)
    // A bare key says that a component is there, and changes nothing about it.
    if (given === null && child.children.size > 0) continue
    child.children.clear()
    child.leaf = { value: substituted(given, { ...merging.reading, origin }), origin }
  }
}

const VARIABLE = /\$\$|\$\{env:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g
const WHOLE_VARIABLE = /^\$\{env:[^}]*\}$/

const substituted = (value: unknown, reading: Reading & { readonly origin: string }): unknown => {
  if (Array.isArray(value)) return value.map((item: unknown) => substituted(item, reading))
  if (isMap(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, substituted(item, reading)]))
  }
  if (typeof value !== 'string' || !value.includes('$')) return value
  const text = value.replace(VARIABLE, (_, name?: string, fallback?: string) => {
    if (name === undefined) return '$'
    const found = reading.environment[name] ?? fallback
    if (found !== undefined) return found
    reading.problems.push({
      where: reading.origin,
      what: `the environment variable ${name} is not set; set it, or write \${env:${name}:-DEFAULT}`,
    })
    return ''
  })
  // Alone it may stand for a number, a switch or a list, as if it had been written there.
  return WHOLE_VARIABLE.test(value) ? yamlValue(text) : text
}

const yamlValue = (text: string): unknown => {
  const document = parseDocument(text)
  if (document.errors.length > 0) return text
  const value = document.toJS() as unknown
  return value === null || isMap(value) ? text : value
}
