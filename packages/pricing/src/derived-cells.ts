/** Steps 2 and 3 of the compile order: multipliers of tiers, then of regions, only where nothing is published. */
import { formatDecimal, parseDecimal, TOKEN_METERS } from '@outlay/core'
import { parseAuthored } from '#src/authored-item.ts'
import { type RegionRule, ruleSchemaFor, type TierRule } from '#src/authoring-schema.ts'
import type { Cell, CellGrid, CellKey, Segment } from '#src/cell-grid.ts'
import { type Interval, intersectionOf } from '#src/interval.ts'
import { checkReferences, type ModelContext, reportAt, windowOf } from '#src/model-context.ts'
import { GRADES, type Grade, PRICE_DECIMALS } from '#src/price-row.ts'
import type { YamlPath } from '#src/yaml-source.ts'

interface PlacedRule<Rule> {
  readonly context: ModelContext
  readonly path: YamlPath
  readonly rule: Rule
  readonly window: Interval
}

/** The sound multipliers of a declaration, tier rules and region rules apart. */
export interface Multipliers {
  readonly ofTiers: readonly PlacedRule<TierRule>[]
  readonly ofRegions: readonly PlacedRule<RegionRule>[]
}

export const readMultipliers = (context: ModelContext): Multipliers => {
  const ofTiers: PlacedRule<TierRule>[] = []
  const ofRegions: PlacedRule<RegionRule>[] = []
  for (const [index, value] of (context.authored.derive ?? []).entries()) {
    const path = ['derive', index]
    const rule = parseAuthored(ruleSchemaFor(value), context.source, [...context.path, ...path], context.problems)
    if (rule === undefined) continue
    const isTierRule = 'of' in rule
    const tiers = isTierRule ? [rule.tier, rule.of] : (rule.tiers ?? [])
    checkReferences(context, { src: rule.src, tiers, regions: isTierRule ? [] : rule.regions }, path)
    const window = windowOf(context, rule, path)
    if (window === undefined) continue
    if (isTierRule) ofTiers.push({ context, path, rule, window })
    else ofRegions.push({ context, path, rule, window })
  }
  return { ofTiers, ofRegions }
}

/** A figure is as sure as the weaker of the two facts that it rests on. */
const weakerOf = (a: Grade, b: Grade): Grade => (GRADES.indexOf(a) >= GRADES.indexOf(b) ? a : b)

const chain = (derivedFrom: string, step: string): string =>
  derivedFrom === 'published' ? step : `${derivedFrom}, ${step}`

const times = (price: bigint, factor: string): bigint | undefined => {
  const product = price * parseDecimal(factor, PRICE_DECIMALS)
  const unit = 10n ** BigInt(PRICE_DECIMALS)
  return product % unit === 0n ? product / unit : undefined
}

/** The cell that a multiplier makes of another: tokens scaled, calls and durations copied, "not listed" kept. */
const multiplied = (
  { context, path, rule }: PlacedRule<TierRule | RegionRule>,
  key: CellKey,
  of: string,
  cell: Cell,
): Cell | undefined => {
  const place = context.source.placeOf([...context.path, ...path])
  if (cell.price === null) return { ...cell, place }
  const scaled = TOKEN_METERS.includes(key.meter)
  const price = scaled ? times(cell.price, rule.times) : cell.price
  if (price === undefined) {
    const quoted = formatDecimal(cell.price, PRICE_DECIMALS)
    reportAt(context, path, {
      code: 'E_DECIMALS',
      what: `${key.meter} ${quoted} × ${rule.times} has more than ${PRICE_DECIMALS} decimals`,
      fix: `author the rounded cell of ${key.tier}${key.region === '' ? '' : ` ${key.region}`} instead`,
    })
    return undefined
  }
  const step = scaled ? `× ${rule.times} ${of}` : `same ${of}`
  return {
    ...cell,
    price,
    source: rule.src,
    grade: weakerOf(cell.grade, rule.grade),
    note: rule.note ?? '',
    derivedFrom: chain(cell.derivedFrom, step),
    place,
  }
}

const within = (segments: readonly Segment[], window: Interval): Segment[] =>
  segments.flatMap((segment) => {
    const part = intersectionOf(segment, window)
    return part === undefined ? [] : [{ ...segment, ...part }]
  })

export const applyTierMultipliers = (rules: Multipliers['ofTiers'], grid: CellGrid): void => {
  for (const placed of rules) {
    for (const key of grid.keys().filter(({ tier }) => tier === placed.rule.of)) {
      const target = { ...key, tier: placed.rule.tier }
      const segments = within(grid.segmentsOf(key), placed.window)
      grid.fillWhereEmpty(target, segments, (cell) => multiplied(placed, target, `of ${placed.rule.of}`, cell))
    }
  }
}

export const applyRegionMultipliers = (rules: Multipliers['ofRegions'], grid: CellGrid): void => {
  for (const placed of rules) {
    const { regions, tiers } = placed.rule
    const keys = grid.keys().filter(({ tier, region }) => region === '' && (tiers?.includes(tier) ?? true))
    for (const key of keys) {
      const segments = within(grid.segmentsOf(key), placed.window)
      for (const region of regions) {
        const target = { ...key, region }
        grid.fillWhereEmpty(target, segments, (cell) => multiplied(placed, target, 'for the region', cell))
      }
    }
  }
}
