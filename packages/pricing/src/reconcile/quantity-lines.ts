/** Both sides' quantities, joined by UTC day × model × tier × meter. */
import { divideHalfEven, type Meter } from '@outlay/core'
import type { QuantityCause } from '#src/reconcile/finding.ts'
import { addDays } from '#src/reconcile/export-days.ts'
import type { Evidence, LedgerSide, LedgerUsage, ReconcileOptions } from '#src/reconcile/ledger-side.ts'
import { markOutside } from '#src/reconcile/outside-days.ts'
import type { ProviderExport } from '#src/reconcile/provider-export.ts'
import { type QuectoUsd, quectoOf, ratioOf, type UnitPrice, unitPriceOf } from '#src/reconcile/quecto-usd.ts'

/** Stands for all tiers, where the export is not grouped by tier. */
export const ANY_TIER = '*'

export interface QuantityLine {
  readonly day: string
  readonly model: string
  readonly tier: string
  readonly meter: Meter
  ours: bigint
  /** Null where no export shows this meter on this day: then the quantities are taken to be equal. */
  theirs: bigint | null
  /** What the ledger says it cost; unpriced units cost nothing. */
  cost: QuectoUsd
  unpriced: bigint
  readonly rows: Set<string>
  readonly evidence: Record<keyof Evidence, bigint>
  /** Our units of neighbouring days without an export that the provider may have booked on this day. */
  fromOutside: bigint
  /** Our units of this day that it may have booked on such a neighbour. */
  toOutside: bigint
  /** Their units in projects that send no spans. */
  foreign: bigint
  readonly shares: { readonly cause: QuantityCause; readonly units: bigint }[]
  /** Theirs − ours that no cause has taken yet. */
  rest: bigint
  /** Exact price of a unit by our book; null where we have none. */
  price: UnitPrice | null
}

export interface JoinedLines {
  readonly lines: readonly QuantityLine[]
  /** `day model` pairs of which at least one call was received, settled or not. */
  readonly seen: ReadonlySet<string>
  /** Ledger rows outside the days of the exports, but for the days right before and after them. */
  readonly outside: number
}

/** Reasoning is inside output in both providers' reports. */
const comparedMeter = (meter: Meter): Meter => (meter === 'output_reasoning' ? 'output' : meter)

const NINTHS = 9n

/** Exact cost of one row in ninths of a femto-dollar. */
const ninthsOf = ({ quantity, fusd, ninths }: LedgerUsage): bigint =>
  fusd === null ? 0n : quantity * (NINTHS * fusd + BigInt(ninths))

const createLine = (day: string, model: string, tier: string, meter: Meter): QuantityLine => ({
  day,
  model,
  tier,
  meter,
  ours: 0n,
  theirs: null,
  cost: 0n,
  unpriced: 0n,
  rows: new Set(),
  evidence: { unsettled: 0n, tierAssumed: 0n, doubleCounted: 0n, retriesOrAborts: 0n, nextDay: 0n, previousDay: 0n },
  fromOutside: 0n,
  toOutside: 0n,
  foreign: 0n,
  shares: [],
  rest: 0n,
  price: null,
})

const addLedgerRow = (line: QuantityLine, row: LedgerUsage): void => {
  line.ours += row.quantity
  if (row.fusd === null) line.unpriced += row.quantity
  if (row.row !== '') line.rows.add(row.row)
  for (const [kind, units] of Object.entries(row.evidence ?? {}) as [keyof Evidence, bigint | undefined][]) {
    line.evidence[kind] += units ?? 0n
  }
}

/** One price where all rows have the same; else what a unit cost on average, which is exact as a fraction. */
const priceOf = (line: QuantityLine, rows: readonly LedgerUsage[]): UnitPrice | null => {
  const priced = rows.filter(({ fusd }) => fusd !== null)
  const [first] = priced
  if (first === undefined || first.fusd === null) return null
  const single = priced.every(({ fusd, ninths }) => fusd === first.fusd && ninths === first.ninths)
  const pricedUnits = line.ours - line.unpriced
  if (single || pricedUnits === 0n) return unitPriceOf(first.fusd, first.ninths)
  return ratioOf(line.cost, pricedUnits)
}

/** Their quantities that only the costs tell, for days and meters that no usage export covers. */
const usageOfCosts = ({ costs, usageDays }: ProviderExport) =>
  costs.flatMap(({ kind, day, model, meters, quantity }) => {
    const meter = meters?.length === 1 ? meters[0] : undefined
    if (kind !== 'usage' || model === null || meter === undefined || quantity === null) return []
    if (usageDays.get(day)?.has(meter) === true) return []
    return [{ day, model, tier: null, meter, quantity, project: null }]
  })

/** Their quantities and ours under the names that both are compared by. */
const namedSides = (theirs: ProviderExport, ours: LedgerSide, { canonicalModel }: ReconcileOptions) => {
  const nameOf = canonicalModel ?? ((model: string) => model)
  return {
    usage: [...theirs.usage, ...usageOfCosts(theirs)].map((line) => ({
      ...line,
      model: nameOf(line.model, line.day, 'theirs'),
    })),
    rows: ours.usage.map((row) => ({
      ...row,
      model: nameOf(row.model, row.day, 'ours'),
      meter: comparedMeter(row.meter),
    })),
    billed: new Set(
      theirs.costs.map(({ day, model }) => `${day} ${model === null ? '' : nameOf(model, day, 'theirs')}`),
    ),
  }
}

const wasReceived = ({ quantity, evidence }: LedgerUsage): boolean =>
  quantity !== 0n || (evidence?.unsettled ?? 0n) !== 0n

/** Ledger rows that nothing is compared with, and that are no neighbours of what is. */
const countOutside = (rows: readonly LedgerUsage[], { usageDays, costDays }: ProviderExport): number => {
  const days = [...usageDays.keys(), ...costDays].toSorted()
  const [first, last] = [days[0], days.at(-1)]
  const edges = new Set(first === undefined || last === undefined ? [] : [addDays(first, -1), addDays(last, 1)])
  return rows.filter(({ day }) => !edges.has(day)).length
}

export const joinLines = (theirs: ProviderExport, ours: LedgerSide, options: ReconcileOptions): JoinedLines => {
  const instrumented = options.instrumentedProjects === undefined ? undefined : new Set(options.instrumentedProjects)
  const { usage, rows: ourRows, billed } = namedSides(theirs, ours, options)
  const tierless = new Set(usage.filter(({ tier }) => tier === null).map(({ day, model }) => `${day} ${model}`))
  const known = new Set(usage.map(({ model }) => model))
  const lines = new Map<string, QuantityLine>()
  const lineOf = (day: string, model: string, tier: string | null, meter: Meter): QuantityLine => {
    const compared = tier === null || tierless.has(`${day} ${model}`) ? ANY_TIER : tier
    const key = `${day} ${compared} ${meter} ${model}`
    const line = lines.get(key) ?? createLine(day, model, compared, meter)
    lines.set(key, line)
    return line
  }
  const rowsOf = new Map<QuantityLine, LedgerUsage[]>()
  const covered = (day: string): boolean => theirs.usageDays.has(day) || theirs.costDays.has(day)
  const outsideRows = ourRows.filter(({ day }) => !covered(day))
  for (const row of ourRows) {
    if (!covered(row.day)) continue
    const line = lineOf(row.day, row.model, row.tier, row.meter)
    addLedgerRow(line, row)
    rowsOf.set(line, [...(rowsOf.get(line) ?? []), row])
  }
  for (const { day, model, tier, meter, quantity, project } of usage) {
    const line = lineOf(day, model, tier, comparedMeter(meter))
    line.theirs = (line.theirs ?? 0n) + quantity
    if (project !== null && instrumented?.has(project) === false) line.foreign += quantity
  }
  for (const line of lines.values()) {
    const rows = rowsOf.get(line) ?? []
    // Ninths are divided away once, half to even, as wherever a figure leaves the ledger.
    line.cost = quectoOf(
      divideHalfEven(
        rows.reduce((sum, row) => sum + ninthsOf(row), 0n),
        NINTHS,
      ),
    )
    line.price = priceOf(line, rows)
    const shown = theirs.usageDays.get(line.day)?.has(line.meter) === true
    // A model that the usage exports never name, but that is billed, is of an endpoint whose usage was not exported.
    const otherEndpoint = !known.has(line.model) && billed.has(`${line.day} ${line.model}`)
    if (shown && !otherEndpoint) line.theirs ??= 0n
    line.rest = (line.theirs ?? line.ours) - line.ours
  }
  markOutside(lines.values(), outsideRows, covered)
  return {
    lines: [...lines.values()],
    seen: new Set(ourRows.filter(wasReceived).map(({ day, model }) => `${day} ${model}`)),
    outside: countOutside(outsideRows, theirs),
  }
}
