/**
 * Why the two sides count differently. Certain evidence first, then what cancels against another line, then what is
 * likely; each cause takes at most what its evidence covers, and what none takes stays unexplained.
 */
import type { QuantityCause } from '#src/reconcile/finding.ts'
import { addDays } from '#src/reconcile/export-days.ts'
import type { JoinedLines, QuantityLine } from '#src/reconcile/quantity-lines.ts'
import { magnitudeOf } from '#src/reconcile/quecto-usd.ts'

const smallest = (...values: readonly bigint[]): bigint =>
  values.reduce((least, value) => (value < least ? value : least))

/** Gives up to `unitsMax` units of what is left of a line's difference to a cause. */
const take = (line: QuantityLine, cause: QuantityCause, unitsMax: bigint): void => {
  const units = smallest(magnitudeOf(line.rest), unitsMax)
  if (units <= 0n) return
  const signed = line.rest < 0n ? -units : units
  line.shares.push({ cause, units: signed })
  line.rest -= signed
}

/** What one line has too much and the other too little, up to `unitsMax`. */
const cancel = (a: QuantityLine, b: QuantityLine, cause: QuantityCause, unitsMax?: bigint): void => {
  if (a.rest === 0n || b.rest === 0n || a.rest < 0n === b.rest < 0n) return
  const units = smallest(magnitudeOf(a.rest), magnitudeOf(b.rest), unitsMax ?? magnitudeOf(a.rest))
  take(a, cause, units)
  take(b, cause, units)
}

const groupedBy = (lines: readonly QuantityLine[], keyOf: (line: QuantityLine) => string): QuantityLine[][] => {
  const groups = new Map<string, QuantityLine[]>()
  for (const line of lines) {
    const group = groups.get(keyOf(line))
    if (group === undefined) groups.set(keyOf(line), [line])
    else group.push(line)
  }
  return [...groups.values()]
}

/** Calls whose tier we had to assume stand under another tier in the provider's figures. */
const explainTiers = (lines: readonly QuantityLine[]): void => {
  for (const group of groupedBy(lines, ({ day, model, meter }) => `${day} ${meter} ${model}`)) {
    for (const surplus of group.filter(({ rest }) => rest < 0n)) {
      let assumed = surplus.evidence.tierAssumed
      for (const other of group) {
        const before = surplus.rest
        cancel(surplus, other, 'tier_unknown', assumed)
        assumed -= surplus.rest - before
      }
    }
  }
}

/** Calls around midnight: the provider books them on the day before or after ours. */
const explainNeighbours = (lines: readonly QuantityLine[]): void => {
  for (const group of groupedBy(lines, ({ model, tier, meter }) => `${tier} ${meter} ${model}`)) {
    const inOrder = group.toSorted((a, b) => (a.day < b.day ? -1 : 1))
    for (const [index, line] of inOrder.entries()) {
      const following = inOrder[index + 1]
      if (following?.day === addDays(line.day, 1)) cancel(line, following, 'late_or_other_day')
    }
  }
  for (const line of lines) take(line, 'late_or_other_day', line.rest < 0n ? line.toOutside : line.fromOutside)
}

/** Fills `shares` of every line and leaves what is unexplained in `rest`. */
export const explainQuantities = ({ lines, seen }: JoinedLines): void => {
  for (const line of lines) {
    if (line.rest < 0n) take(line, 'double_counted', line.evidence.doubleCounted)
    else {
      take(line, 'not_instrumented', line.foreign)
      take(line, 'unsettled', line.evidence.unsettled)
    }
  }
  explainTiers(lines)
  explainNeighbours(lines)
  for (const line of lines) {
    if (line.rest > 0n && !seen.has(`${line.day} ${line.model}`)) take(line, 'not_instrumented', line.rest)
    take(line, 'retries_or_aborts', line.evidence.retriesOrAborts)
  }
}
