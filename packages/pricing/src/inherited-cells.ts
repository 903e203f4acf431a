/** Step 4 of the compile order: meters that take another meter's price where they have none of their own. */
import type { Meter } from '@outlay/core'
import type { Cell, CellGrid, CellKey, Segment } from '#src/cell-grid.ts'
import { subtractIntervals } from '#src/interval.ts'
import { type ModelContext, reportAt } from '#src/model-context.ts'

const CACHE_WRITES_OF_KNOWN_TTL = [
  'cache_write_5m',
  'cache_write_30m',
  'cache_write_1h',
  'cache_write_12h',
] as const satisfies readonly Meter[]

const UNKNOWN_TTL: Meter = 'cache_write_unknown'

interface Inheritance {
  readonly context: ModelContext
  readonly target: Meter
  readonly source: Meter
}

/** All declarations of the model together; each target has one source. */
const readInheritance = (contexts: readonly ModelContext[]): Map<Meter, Inheritance> => {
  const inheritance = new Map<Meter, Inheritance>()
  for (const context of contexts) {
    for (const [target, source] of Object.entries(context.authored.inherit ?? {}) as [Meter, Meter][]) {
      const known = inheritance.get(target)
      if (known !== undefined && known.source !== source) {
        const what = `${target} already inherits from ${known.source}`
        reportAt(context, ['inherit', target], { code: 'E_CONFLICT', what })
      }
      inheritance.set(target, known ?? { context, target, source })
    }
  }
  return inheritance
}

/** Sources before the meters that inherit from them; a circle is reported and left out. */
const inOrder = (inheritance: Map<Meter, Inheritance>): Inheritance[] => {
  const ordered: Inheritance[] = []
  const visited = new Set<Meter>()
  const visit = (target: Meter, chain: readonly Meter[]): void => {
    const step = inheritance.get(target)
    if (step === undefined || visited.has(target)) return
    if (chain.includes(target)) {
      const what = `${[...chain.slice(chain.indexOf(target)), target].join(' ← ')}: a circle`
      reportAt(step.context, ['inherit', target], { code: 'E_CYCLE', what })
      return
    }
    visit(step.source, [...chain, target])
    if (visited.has(target)) return
    visited.add(target)
    ordered.push(step)
  }
  for (const target of inheritance.keys()) visit(target, [])
  return ordered
}

const inheritedFrom =
  (target: Meter, source: Meter) =>
  (cell: Cell): Cell => {
    const step = `inherit ${target} ← ${source}`
    return { ...cell, derivedFrom: cell.derivedFrom === 'published' ? step : `${step} (${cell.derivedFrom})` }
  }

const priced = (segments: readonly Segment[]): Segment[] => segments.filter(({ cell }) => cell.price !== null)

/** One key per (tier, region, band) of the grid. */
const columnsOf = (grid: CellGrid): CellKey[] => {
  const columns = new Map(grid.keys().map((key) => [[key.tier, key.region, key.band].join('\u0000'), key] as const))
  return [...columns.values()]
}

/** The time at which `ttl` is the only cache write that the sheet lists. */
const timeAlone = (grid: CellGrid, column: CellKey, ttl: Meter): Segment[] => {
  const others = CACHE_WRITES_OF_KNOWN_TTL.filter((meter) => meter !== ttl)
    .flatMap((meter) => priced(grid.segmentsOf({ ...column, meter })))
    .toSorted((a, b) => a.from - b.from)
  return priced(grid.segmentsOf({ ...column, meter: ttl })).flatMap((segment) =>
    subtractIntervals(segment, others).map((interval) => ({ ...segment, ...interval })),
  )
}

/** Guessing 5 minutes when it was an hour is 1.6× too low: an unknown time to live has a price only where one exists. */
const inheritUnknownTtl = (grid: CellGrid): void => {
  for (const column of columnsOf(grid)) {
    for (const ttl of CACHE_WRITES_OF_KNOWN_TTL) {
      const segments = timeAlone(grid, column, ttl)
      grid.fillWhereEmpty({ ...column, meter: UNKNOWN_TTL }, segments, inheritedFrom(UNKNOWN_TTL, ttl))
    }
  }
}

/** True, and reported, if an unknown time to live would have to be guessed. */
const refuseAmbiguousTtl = ({ context, source }: Inheritance, grid: CellGrid): boolean => {
  const secondsOf = (segments: readonly Segment[]): number => segments.reduce((sum, { from, to }) => sum + to - from, 0)
  const ambiguous = columnsOf(grid).some((column) => {
    const all = priced(grid.segmentsOf({ ...column, meter: source }))
    return secondsOf(all) !== secondsOf(timeAlone(grid, column, source))
  })
  if (!ambiguous) return false
  reportAt(context, ['inherit', UNKNOWN_TTL], {
    code: 'E_AMBIGUOUS_TTL',
    what: 'the sheet lists several times to live, so an unknown one has no price',
    fix: 'remove the line: where only one is listed the price is inherited by itself',
  })
  return true
}

/** Fills what inherits on every sheet and band of the grid. */
export const applyInheritance = (contexts: readonly ModelContext[], grid: CellGrid): void => {
  for (const step of inOrder(readInheritance(contexts))) {
    if (step.target === UNKNOWN_TTL && refuseAmbiguousTtl(step, grid)) continue
    for (const column of columnsOf(grid)) {
      const segments = priced(grid.segmentsOf({ ...column, meter: step.source }))
      grid.fillWhereEmpty({ ...column, meter: step.target }, segments, inheritedFrom(step.target, step.source))
    }
  }
  inheritUnknownTtl(grid)
}
