/**
 * Calls around a midnight of which only one side was exported. Inside an export such a difference shows twice, on both
 * days, and cancels; at its edges the other half is missing, and what we know of the calls themselves stands for it.
 */
import { addDays } from '#src/reconcile/export-days.ts'
import type { LedgerUsage } from '#src/reconcile/ledger-side.ts'
import { ANY_TIER, type QuantityLine } from '#src/reconcile/quantity-lines.ts'

type EdgeUnits = Record<'nextDay' | 'previousDay', bigint>

const keyOf = (day: string, { tier, meter, model }: Pick<QuantityLine, 'tier' | 'meter' | 'model'>): string =>
  `${day} ${tier} ${meter} ${model}`

/** Per key: our units of days without an export that may stand on their neighbours. `rows` have the names of the lines. */
const edgesOf = (rows: readonly LedgerUsage[]): ReadonlyMap<string, EdgeUnits> => {
  const edges = new Map<string, EdgeUnits>()
  for (const row of rows) {
    for (const tier of [row.tier, ANY_TIER]) {
      const key = keyOf(row.day, { ...row, tier })
      const units = edges.get(key) ?? { nextDay: 0n, previousDay: 0n }
      units.nextDay += row.evidence?.nextDay ?? 0n
      units.previousDay += row.evidence?.previousDay ?? 0n
      edges.set(key, units)
    }
  }
  return edges
}

/** Fills `fromOutside` and `toOutside` of lines beside a day without an export. */
export const markOutside = (
  lines: Iterable<QuantityLine>,
  outsideRows: readonly LedgerUsage[],
  isCovered: (day: string) => boolean,
): void => {
  const edges = edgesOf(outsideRows)
  for (const line of lines) {
    const [before, after] = [addDays(line.day, -1), addDays(line.day, 1)]
    if (!isCovered(before)) {
      line.fromOutside += edges.get(keyOf(before, line))?.nextDay ?? 0n
      line.toOutside += line.evidence.previousDay
    }
    if (!isCovered(after)) {
      line.fromOutside += edges.get(keyOf(after, line))?.previousDay ?? 0n
      line.toOutside += line.evidence.nextDay
    }
  }
}
