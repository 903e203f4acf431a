/** The tables that models refer to (sources, spellings, calendars, edges), merged over all files. */
import { parseAuthored } from '#src/authored-item.ts'
import { type AuthoredCalendar, type AuthoredFile, fileSchema } from '#src/authoring-schema.ts'
import type { BookTables, Foldings, HostBiller } from '#src/book.ts'
import { checkCalendar } from '#src/calendar.ts'
import { type PriceBookProblem, placeText } from '#src/problem.ts'
import { readYamlSource, type YamlPath, type YamlSource } from '#src/yaml-source.ts'

export interface PriceBookSource {
  /** As it shall appear in problems. */
  readonly file: string
  readonly text: string
}

/** One file whose head is sound; its models are still unchecked. */
export interface AuthoredSource {
  readonly source: YamlSource
  readonly head: AuthoredFile
}

export interface SourcePage {
  readonly url: string
  readonly checkedAt: string
}

export interface Vocabulary extends BookTables {
  readonly edition: string
  readonly sources: Readonly<Record<string, SourcePage>>
  readonly calendars: Readonly<Record<string, AuthoredCalendar>>
}

export const readSources = (
  sources: readonly PriceBookSource[],
  problems: PriceBookProblem[],
): readonly AuthoredSource[] =>
  sources.flatMap(({ file, text }) => {
    const source = readYamlSource(file, text, problems)
    if (source === undefined) return []
    const head = parseAuthored(fileSchema, source, [], problems)
    return head === undefined ? [] : [{ source, head }]
  })

/** Collects entries of one table from several files and refuses contradictions. */
const createTable = <T>(problems: PriceBookProblem[]) => {
  const entries: Record<string, T> = {}
  const put = (key: string, value: T, source: YamlSource, path: YamlPath): void => {
    const known = entries[key]
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(value)) {
      const where = placeText(source.placeOf(path))
      problems.push({ code: 'E_CONFLICT', where, what: `"${path.join('.')}" was already given with another meaning` })
    }
    entries[key] = known ?? value
  }
  return { entries, put }
}

type TableOfTables = Record<string, ReturnType<typeof createTable<string>>>

const putSpellings = (
  tables: TableOfTables,
  table: 'tiers' | 'regions',
  { source, head }: AuthoredSource,
  problems: PriceBookProblem[],
): void => {
  for (const [provider, spellings] of Object.entries(head[table] ?? {})) {
    const target = (tables[provider] ??= createTable<string>(problems))
    for (const [raw, canonical] of Object.entries(spellings)) {
      target.put(raw.toLowerCase(), canonical, source, [table, provider, raw])
    }
  }
}

/** In one order, whichever file came first: equal sources give equal bytes. */
const entriesOf = (tables: TableOfTables): Record<string, Record<string, string>> => {
  const inOrder = ([provider, { entries }]: [string, TableOfTables[string]]) => {
    const sorted = Object.entries(entries).toSorted(([a], [b]) => (a < b ? -1 : 1))
    return [provider, Object.fromEntries(sorted)] as const
  }
  return Object.fromEntries(Object.entries(tables).map(inOrder))
}

const mergeFoldings = (files: readonly AuthoredSource[], problems: PriceBookProblem[]): Foldings => {
  const providers = createTable<string>(problems)
  const hosts = createTable<HostBiller>(problems)
  const tiers: TableOfTables = {}
  const regions: TableOfTables = {}
  const proxies = new Set<string>()
  for (const file of files) {
    const { source, head } = file
    for (const [raw, id] of Object.entries(head.providers ?? {})) {
      providers.put(raw.toLowerCase(), id, source, ['providers', raw])
    }
    for (const [host, biller] of Object.entries(head.hosts ?? {})) {
      const entry = typeof biller === 'string' ? { provider: biller, region: '' } : biller
      hosts.put(host.toLowerCase(), entry, source, ['hosts', host])
    }
    for (const proxy of head.proxies ?? []) proxies.add(proxy.toLowerCase())
    putSpellings(tiers, 'tiers', file, problems)
    putSpellings(regions, 'regions', file, problems)
  }
  return {
    providers: providers.entries,
    hosts: hosts.entries,
    proxies: [...proxies],
    tiers: entriesOf(tiers),
    regions: entriesOf(regions),
  }
}

/** Edges are append-only: a longer list may extend a shorter one, and nothing else. */
const mergeBandEdges = (files: readonly AuthoredSource[], problems: PriceBookProblem[]): readonly number[] => {
  let edges: readonly number[] = [0]
  for (const { source, head } of files) {
    const given = head.band_edges
    if (given === undefined) continue
    const where = placeText(source.placeOf(['band_edges']))
    const [longer, shorter] = given.length >= edges.length ? [given, edges] : [edges, given]
    if (shorter.some((edge, index) => edge !== longer[index])) {
      problems.push({ code: 'E_CONFLICT', where, what: 'band_edges must start with 0 and only ever be appended to' })
    }
    if (new Set(given).size !== given.length) {
      problems.push({ code: 'E_CONFLICT', where, what: 'band_edges holds one edge twice' })
    }
    edges = longer
  }
  return edges
}

/** Merges the heads of all files. Call it before any model is compiled. */
export const mergeVocabulary = (files: readonly AuthoredSource[], problems: PriceBookProblem[]): Vocabulary => {
  const sources = createTable<SourcePage>(problems)
  const calendars = createTable<AuthoredCalendar>(problems)
  for (const { source, head } of files) {
    for (const [name, { url, checked_at: checkedAt }] of Object.entries(head.sources ?? {})) {
      sources.put(name, { url, checkedAt }, source, ['sources', name])
    }
    for (const [name, calendar] of Object.entries(head.calendars ?? {})) {
      calendars.put(name, calendar, source, ['calendars', name])
      checkCalendar(calendar, source, ['calendars', name], problems)
    }
  }
  for (const { source, head } of files) {
    for (const [name, { src }] of Object.entries(head.calendars ?? {})) {
      if (sources.entries[src] !== undefined) continue
      const where = placeText(source.placeOf(['calendars', name, 'src']))
      problems.push({ code: 'E_UNKNOWN_SOURCE', where, what: `no source "${src}"` })
    }
  }
  const editions = files.map(({ head }) => head.edition)
  return {
    edition: editions.toSorted().at(-1) ?? '',
    sources: sources.entries,
    calendars: calendars.entries,
    bandEdges: mergeBandEdges(files, problems),
    foldings: mergeFoldings(files, problems),
  }
}
