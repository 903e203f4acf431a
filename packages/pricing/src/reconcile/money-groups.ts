/**
 * The finest grain at which money can be compared: lines of the provider's costs with all quantities they pay for. A
 * line that names only a model is compared with everything of that model and day.
 */
import type { ReconcileOptions } from '#src/reconcile/ledger-side.ts'
import type { CostLine, ProviderExport } from '#src/reconcile/provider-export.ts'
import { ANY_TIER, type QuantityLine } from '#src/reconcile/quantity-lines.ts'

export interface MoneyGroup {
  readonly day: string
  readonly lines: QuantityLine[]
  /** Empty where the provider charged nothing, or where no costs of the day were exported. */
  readonly costs: CostLine[]
  /** False: no costs of this day were exported, and their quantities are priced as ours. */
  readonly charged: boolean
}

export interface GroupedMoney {
  readonly groups: readonly MoneyGroup[]
  /** Lines that pay for no quantity of either side, or for the account. */
  readonly account: readonly CostLine[]
}

const paysFor = (cost: CostLine, { model, meter }: QuantityLine): boolean =>
  (cost.model === null || cost.model === model) && (cost.meters === null || cost.meters.includes(meter))

/** A tier that no line of the day, model and meter names is compared with the lines of the standard tier. */
const tierFits = (cost: CostLine, line: QuantityLine, candidates: readonly CostLine[]): boolean => {
  if (line.tier === ANY_TIER || cost.model === null || cost.tier === line.tier) return true
  return cost.tier === 'standard' && !candidates.some(({ tier }) => tier === line.tier)
}

const rootOf = (parents: Map<QuantityLine, QuantityLine>, line: QuantityLine): QuantityLine => {
  let root = line
  for (let parent = parents.get(root); parent !== undefined && parent !== root; parent = parents.get(root))
    root = parent
  parents.set(line, root)
  return root
}

const byDay = <T extends { readonly day: string }>(items: readonly T[]): Map<string, T[]> => {
  const days = new Map<string, T[]>()
  for (const item of items) {
    const list = days.get(item.day)
    if (list === undefined) days.set(item.day, [item])
    else list.push(item)
  }
  return days
}

/** Which cost lines pay for which lines of one day, joined wherever they overlap. */
const groupDay = (lines: readonly QuantityLine[], costs: readonly CostLine[], charged: boolean): GroupedMoney => {
  const parents = new Map<QuantityLine, QuantityLine>(lines.map((line) => [line, line]))
  const paidBy = new Map<CostLine, QuantityLine>()
  for (const line of lines) {
    const candidates = costs.filter((cost) => paysFor(cost, line))
    for (const cost of candidates.filter((candidate) => tierFits(candidate, line, candidates))) {
      const other = paidBy.get(cost)
      if (other === undefined) paidBy.set(cost, line)
      else parents.set(rootOf(parents, line), rootOf(parents, other))
    }
  }
  const groups = new Map<QuantityLine, MoneyGroup>()
  for (const line of lines) {
    const root = rootOf(parents, line)
    const group = groups.get(root) ?? { day: line.day, lines: [], costs: [], charged }
    group.lines.push(line)
    groups.set(root, group)
  }
  const account: CostLine[] = []
  for (const cost of costs) {
    const line = paidBy.get(cost)
    if (line === undefined) account.push(cost)
    else groups.get(rootOf(parents, line))?.costs.push(cost)
  }
  return { groups: [...groups.values()], account }
}

export const groupMoney = (
  lines: readonly QuantityLine[],
  { costs, costDays }: ProviderExport,
  { canonicalModel }: ReconcileOptions,
): GroupedMoney => {
  const named = costs.map((cost) => {
    const model =
      cost.model === null || canonicalModel === undefined ? cost.model : canonicalModel(cost.model, cost.day, 'theirs')
    return { ...cost, model }
  })
  const usageCosts = byDay(named.filter(({ kind }) => kind === 'usage'))
  const linesByDay = byDay(lines)
  const days = [...new Set([...linesByDay.keys(), ...usageCosts.keys()])].toSorted()
  const parts = days.map((day) => groupDay(linesByDay.get(day) ?? [], usageCosts.get(day) ?? [], costDays.has(day)))
  return {
    groups: parts.flatMap(({ groups }) => groups),
    account: [...parts.flatMap(({ account }) => account), ...named.filter(({ kind }) => kind !== 'usage')],
  }
}
