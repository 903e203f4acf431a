/**
 * The guards of an import: a candidate book against the one in force (spec: pricing §13). Nothing is applied here; a
 * candidate that hits any guard is refused as a whole, and the difference is shown either way.
 */
import type { BookData } from '#src/book.ts'
import { quoteText, rowText } from '#src/checks/sheet-text.ts'
import { formatInstant } from '#src/instant.ts'
import { intervalAt } from '#src/interval.ts'
import { GRADES, type PriceRow, rowKeyOf, sheetKeyOf } from '#src/price-row.ts'
import type { PriceBookProblem } from '#src/problem.ts'
import { type BookDiff, diffBooks } from '#src/revisions/diff-books.ts'
import { validateRows } from '#src/validate-rows.ts'

export interface StageOptions {
  /** Unix seconds: what lies before was charged already. */
  readonly now: number
  /** Lets the past change, for a reason that goes with the revision. */
  readonly allowPast?: { readonly reason: string }
}

export interface StagedImport {
  /** Empty: the candidate may be applied. */
  readonly problems: readonly PriceBookProblem[]
  readonly diff: BookDiff
  /** What changes before `now`, in words: allowed or not. */
  readonly past: readonly string[]
}

const JUMP_MAX = 10n
/** Known models that may be missing from an import, in percent. */
const VANISHED_PERCENT_MAX = 2

const ninthsOf = ({ fusd, ninths }: PriceRow): bigint => fusd * 9n + BigInt(ninths)

const sameCost = (a: PriceRow, b: PriceRow): boolean => a.currency === b.currency && ninthsOf(a) === ninthsOf(b)

/** One price key in both books, cut where either of them changes. */
interface Step {
  readonly from: number
  readonly before: PriceRow | undefined
  readonly after: PriceRow | undefined
}

const byStart = (a: PriceRow, b: PriceRow): number => a.validFrom - b.validFrom

const stepsOf = (before: readonly PriceRow[], after: readonly PriceRow[]): Step[] => {
  const edges = new Set([...before, ...after].flatMap(({ validFrom, validTo }) => [validFrom, validTo]))
  const [old, now] = [before.toSorted(byStart), after.toSorted(byStart)]
  return [...edges]
    .toSorted((a, b) => a - b)
    .map((from) => ({ from, before: intervalAt(old, from), after: intervalAt(now, from) }))
    .filter((step) => step.before !== undefined || step.after !== undefined)
}

const isJump = (before: PriceRow, after: PriceRow): boolean => {
  const [a, b] = [ninthsOf(before), ninthsOf(after)]
  return before.currency === after.currency && a !== b && (b === 0n || b > a * JUMP_MAX || a > b * JUMP_MAX) && a !== 0n
}

const changeText = (before: PriceRow, after: PriceRow, from: number): string =>
  `${quoteText(before)} → ${quoteText(after)} from ${formatInstant(from)}`

/** Guards on a price that another one would take the place of. */
const checkReplacement = (before: PriceRow, after: PriceRow, from: number): PriceBookProblem[] => {
  const where = rowText(before)
  const problems: PriceBookProblem[] = []
  if (isJump(before, after)) problems.push({ code: 'E_JUMP', where, what: changeText(before, after, from) })
  const isSure = before.grade === 'A' || before.grade === 'B'
  if (isSure && GRADES.indexOf(after.grade) > GRADES.indexOf(before.grade)) {
    problems.push({
      code: 'E_GRADE',
      where,
      what: `grade ${before.grade} of ${before.source} → ${after.grade} of ${after.source}`,
    })
  }
  if (after.checkedAt < before.checkedAt && !sameCost(before, after)) {
    const what = `${after.source} was checked on ${after.checkedAt}, ${before.source} on ${before.checkedAt}`
    problems.push({ code: 'E_STALE', where, what })
  }
  return problems
}

const firstOfEachCode = (problems: readonly PriceBookProblem[]): PriceBookProblem[] =>
  [...Map.groupBy(problems, ({ code }) => code).values()].flatMap((same) => same.slice(0, 1))

const pastText = ({ from, before, after }: Step): string | undefined => {
  if (before !== undefined && after !== undefined) {
    return sameCost(before, after) ? undefined : changeText(before, after, from)
  }
  if (before !== undefined) return `${quoteText(before)} → no price from ${formatInstant(from)}`
  return after === undefined ? undefined : `no price → ${quoteText(after)} from ${formatInstant(from)}`
}

const modelsOf = (rows: readonly PriceRow[]): Set<string> =>
  new Set(rows.map(({ card, provider, model }) => [card, provider, model].join(' · ')))

const checkVanished = (current: BookData, candidate: BookData): PriceBookProblem[] => {
  const known = modelsOf(current.rows)
  const next = modelsOf(candidate.rows)
  const gone = [...known].filter((model) => !next.has(model))
  if (gone.length * 100 <= known.size * VANISHED_PERCENT_MAX) return []
  const shown = gone.slice(0, 5).join('; ')
  return [
    { code: 'E_VANISHED', where: 'import', what: `${gone.length} of ${known.size} models are missing: ${shown} …` },
  ]
}

/** Names and thresholds decide what was charged as much as prices do; what is new says something where nothing was said. */
const pastFacts = ({ names, bands }: BookDiff, now: number): string[] => {
  const isPast = ({ validFrom }: { readonly validFrom: number }): boolean => validFrom < now
  const moved = names.changed.filter(({ before, after }) => isPast(before) && before.model !== after.model)
  return [
    ...moved.map(
      ({ before, after }) => `name "${before.name}" of ${before.provider}: ${before.model} → ${after.model}`,
    ),
    ...names.removed.filter(isPast).map(({ provider, name }) => `name "${name}" of ${provider} is gone`),
    ...[...bands.removed, ...bands.changed.map(({ before }) => before)]
      .filter(isPast)
      .map(({ provider, model, tier }) => `thresholds of ${provider} · ${model} · ${tier}`),
  ]
}

/**
 * Holds a candidate against the book in force. Refused: rows that may not be stored, prices that move more than tenfold
 * or to 0, more than 2 % of the models missing, a changed past (unless allowed, with a reason), a lower grade in place of
 * A or B, and figures older than those that they replace.
 */
export const stageImport = (current: BookData, candidate: BookData, options: StageOptions): StagedImport => {
  const diff = diffBooks(current, candidate)
  const before = Map.groupBy(current.rows, rowKeyOf)
  const after = Map.groupBy(candidate.rows, rowKeyOf)
  const knownSheets = new Set(current.rows.map(sheetKeyOf))
  const past = pastFacts(diff, options.now)
  const problems = [...validateRows(candidate), ...checkVanished(current, candidate)]
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const rows = [...(before.get(key) ?? []), ...(after.get(key) ?? [])]
    const [first] = rows
    if (first === undefined || !knownSheets.has(sheetKeyOf(first))) continue
    const steps = stepsOf(before.get(key) ?? [], after.get(key) ?? [])
    problems.push(
      ...firstOfEachCode(
        steps.flatMap((step) =>
          step.before === undefined || step.after === undefined
            ? []
            : checkReplacement(step.before, step.after, step.from),
        ),
      ),
    )
    const changes = steps.filter(({ from }) => from < options.now).flatMap((step) => pastText(step) ?? [])
    past.push(...changes.slice(0, 1).map((change) => `${rowText(first)}: ${change}`))
  }
  const allowed = (options.allowPast?.reason ?? '').trim() !== ''
  const fix = '--allow-past with a reason'
  const refused = allowed ? [] : past.map((what): PriceBookProblem => ({ code: 'E_PAST', where: 'import', what, fix }))
  return { problems: [...problems, ...refused], diff, past }
}
