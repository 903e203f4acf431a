/** `docs/reference/emitters.md`: what is checked, and what each emitter cannot see, from the entries themselves. */
import { readFileSync } from 'node:fs'
import type { Meter } from '@outlay/core'
import { caseOf, type CaseId, type CasePrefix, casesUnder, prefixOf } from './cases.ts'
import type { Emitter, Sight } from './emitter.ts'
import { DOUBLED_EMITTERS } from './emitters/doubled.ts'
import { EMITTERS } from './emitters/index.ts'

const PREFIXES: readonly CasePrefix[] = ['chat', 'responses', 'embeddings', 'messages']

const manifest = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as {
  readonly devDependencies: Readonly<Record<string, string>>
}

/** `ai-5` → `ai 5.0.277`. */
const packageName = (alias: string): string => {
  const version = manifest.devDependencies[alias]
  if (version === undefined) throw new Error(`BUG: ${alias} is no dependency`)
  const aliased = /^npm:(.+)@(.+)$/.exec(version)
  return aliased === null ? `${alias} ${version}` : `${aliased[1]} ${aliased[2]}`
}

/** Whole APIs by their name, the rest one by one. */
const listOf = (ids: readonly CaseId[], all: readonly CaseId[]): string => {
  const parts = PREFIXES.flatMap((prefix) => {
    const mine = ids.filter((id) => prefixOf(id) === prefix)
    const ofApi = all.filter((id) => prefixOf(id) === prefix)
    return mine.length > 0 && mine.length === ofApi.length ? [prefix] : mine
  })
  return parts.map((part) => `\`${part}\``).join(', ')
}

const codes = (meters: readonly Meter[]): string => meters.map((meter) => `\`${meter}\``).join(', ')

const foldsText = ({ folds = {} }: Sight, served: readonly Meter[]): string[] =>
  [...Map.groupBy(served, (meter) => folds[meter])]
    .filter(([target]) => target !== undefined)
    .map(([target, meters]) => `${codes(meters)} → \`${target}\``)

/** Limits that show in a case: what is not served there cannot be missed. */
const limitsIn = (id: CaseId, sight: Sight): string[] => {
  if (sight.unseen === true) return ['**no usage**: listed, not billed']
  const served = [...new Set(caseOf(id).answers.flatMap(({ meters = {} }) => Object.keys(meters) as Meter[]))]
  const dropped = served.filter((meter) => sight.drops?.includes(meter) === true)
  const folded = foldsText(
    sight,
    served.filter((meter) => !dropped.includes(meter)),
  )
  return [
    ...folded,
    ...(dropped.length === 0 ? [] : [`**loses** ${codes(dropped)}`]),
    ...(sight.addedOutput === undefined ? [] : [`output is too high by ${sight.addedOutput}`]),
    ...(sight.hidesProvider === true ? ['names no provider'] : []),
    ...(sight.cacheSplit === 'unknown' ? [SPLIT_UNKNOWN] : []),
    ...((sight.listedAttempts ?? 0) === 0 ? [] : ['a refused attempt is listed as a call without usage']),
  ]
}

const SPLIT_UNKNOWN = 'cache split unknown'

/** Each limit with the cases that it shows in. */
const cannotSee = ({ cases, sight }: Emitter): string => {
  const limits = cases.flatMap((id) => limitsIn(id, sight(id)).map((limit) => ({ id, limit })))
  const texts = [...Map.groupBy(limits, ({ limit }) => limit)].map(([limit, where]) => {
    const ids = where.map(({ id }) => id)
    if (ids.length === cases.length) return limit
    // True of every case without caches where an emitter leaves out counts of zero: too many to name.
    return limit === SPLIT_UNKNOWN ? `${limit} in part` : `${limit} (${listOf(ids, cases)})`
  })
  return texts.length === 0 ? 'nothing missing' : texts.join('; ')
}

/** Cases of the APIs it is run with that are not run. */
const notRun = ({ cases }: Emitter): string => {
  const apis = new Set(cases.map(prefixOf))
  const missing = [...apis].flatMap((prefix) => casesUnder(prefix)).filter((id) => !cases.includes(id))
  return missing.map((id) => `\`${id}\``).join(', ')
}

const rowOf = (emitter: Emitter): readonly string[] => [
  `\`${emitter.id}\`${emitter.variant === undefined ? '' : `, ${emitter.variant}`}`,
  emitter.packages.map(packageName).join(', '),
  `${[...new Set(emitter.cases.map(prefixOf))].join(', ')}: ${emitter.cases.length}`,
  cannotSee(emitter),
  notRun(emitter),
]

const HEAD = ['emitter', 'packages', 'cases', 'cannot see, and what the ledger says instead', 'not run']

const tableOf = (emitters: readonly Emitter[]): string => {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(HEAD), line(HEAD.map(() => '---')), ...emitters.map((emitter) => line(rowOf(emitter)))].join('\n')
}

const isDoubled = (emitter: Emitter): boolean => DOUBLED_EMITTERS.includes(emitter)

/** The whole page. */
export const buildEmittersPage = (): string => {
  const frame = readFileSync(new URL('emitters-page.md', import.meta.url), 'utf8')
  return frame
    .replace('{{alone}}', () => tableOf(EMITTERS.filter((emitter) => !isDoubled(emitter))))
    .replace('{{doubled}}', () => tableOf(EMITTERS.filter(isDoubled)))
}
