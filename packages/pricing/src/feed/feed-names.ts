/**
 * Which exact names a feed's matching rules stand for. A prefix becomes the one name that it spells, never a rule: what
 * else it would catch (`claude-sonnet-5` → `claude-sonnet-5-7`) stays unpriced (spec: pricing §7, §17).
 */
import type { NameRule } from '#src/book.ts'
import type { FeedMatch, FeedModel } from '#src/feed/feed-schema.ts'

export interface FeedNames {
  readonly exact: readonly string[]
  readonly snapshot?: Exclude<NameRule, 'exact'>
}

const SNAPSHOT_REGEXES = [
  { rule: 'yyyymmdd', ending: '-\\d{8}' },
  { rule: 'yyyy-mm-dd', ending: '-\\d{4}-\\d{2}-\\d{2}' },
] as const

/** Providers that date the snapshots of a model in one way, whatever rule the feed writes for it. */
const SNAPSHOT_OF_PROVIDER: Readonly<Record<string, FeedNames['snapshot'] & string>> = {
  anthropic: 'yyyymmdd',
  google: 'yyyymmdd',
  openai: 'yyyy-mm-dd',
}

const leavesOf = (match: FeedMatch): readonly FeedMatch[] =>
  'or' in match ? match.or.flatMap(leavesOf) : 'and' in match ? match.and.flatMap(leavesOf) : [match]

/** The literal that a regular expression stands for, if it stands for one. */
const literalOf = (pattern: string): string | undefined => {
  const inner = /^\^(.*)\$$/.exec(pattern)?.[1]
  if (inner === undefined || /\\[a-z0-9]/i.test(inner)) return undefined
  if (/[\^$*+?()|{}.[\]]/.test(inner.replace(/\\./g, ''))) return undefined
  return inner.replace(/\\(.)/g, '$1')
}

const spelledBy = (leaf: FeedMatch): string | undefined => {
  if ('equals' in leaf) return leaf.equals
  if ('regex' in leaf) return literalOf(leaf.regex)
  if ('starts_with' in leaf) return leaf.starts_with
  if ('ends_with' in leaf) return leaf.ends_with
  return 'contains' in leaf ? leaf.contains : undefined
}

/** Part of a name, such as `gpt-4-` or `claude-sonnet-4-2025`. */
const isFragment = (name: string): boolean => /[-@_/.:]$|-20\d{2}$|^-/.test(name)

const snapshotOf = (provider: string, model: string, leaves: readonly FeedMatch[]): FeedNames['snapshot'] => {
  for (const { rule, ending } of SNAPSHOT_REGEXES) {
    const pattern = `^${model.replaceAll('.', '\\.')}${ending}$`
    if (leaves.some((leaf) => 'regex' in leaf && leaf.regex === pattern)) return rule
  }
  const byPrefix = leaves.some(
    (leaf) => ('starts_with' in leaf && leaf.starts_with === model) || ('contains' in leaf && leaf.contains === model),
  )
  return byPrefix ? SNAPSHOT_OF_PROVIDER[provider] : undefined
}

const matches = (match: FeedMatch, name: string): boolean => {
  if ('or' in match) return match.or.some((inner) => matches(inner, name))
  if ('and' in match) return match.and.every((inner) => matches(inner, name))
  if ('equals' in match) return match.equals === name
  if ('starts_with' in match) return name.startsWith(match.starts_with)
  if ('ends_with' in match) return name.endsWith(match.ends_with)
  if ('contains' in match) return name.includes(match.contains)
  return new RegExp(match.regex).test(name)
}

/** Whether the feed itself, which asks its models in order, means this model by the name. */
export const isMeantByFeed = (name: string, model: FeedModel, all: readonly FeedModel[]): boolean => {
  const first = all.find((other) => other.id === name || matches(other.match, name))
  return first === undefined || first.id === model.id
}

/** The names of one model of a feed. `canonical` is what we call it. */
export const namesOfFeed = (provider: string, canonical: string, model: FeedModel): FeedNames => {
  const leaves = leavesOf(model.match)
  const spelled = leaves.flatMap((leaf) => spelledBy(leaf) ?? []).filter((name) => !isFragment(name))
  const exact = [...new Set([canonical, model.id, ...spelled])].filter((name) => !isFragment(name))
  const snapshot = snapshotOf(provider, canonical, leaves)
  return { exact, ...(snapshot === undefined ? {} : { snapshot }) }
}
