/**
 * From a new dated price to the last KPI view that shows it, with proof that no row of the ledger or of a target was
 * written and that the money moved by exactly the difference.
 */
import { createWindowLoader, queryKpi, type WindowLoad, type WindowLoader } from '@outlay/clickhouse'
import { assert, parseUsd, systemClock } from '@outlay/core'
import { resolveSku } from '@outlay/pricing'
import { type BenchLedger, rowsOf } from './bench-ledger.ts'
import type { KpiQuestion } from './kpi-questions.ts'
import type { Repetitions } from './measure-kpis.ts'
import { type LedgerState, readLedgerState } from './ledger-state.ts'
import { nextPriceChange, type PriceChange, recordPriceChange } from './price-change.ts'
import { SHOWN } from './period.ts'
import { medianOf, toSeconds } from './timing.ts'

export interface RepriceRun {
  readonly recordSeconds: number
  /** Compiled, swapped and loaded: from here on readers see the new price. */
  readonly refreshSeconds: number
  /** Every view that shows money was asked, one after the other, until it answered with the new price. */
  readonly viewsSeconds: number
  /** The longest of them alone: what a panel of one view waits for after the swap. */
  readonly slowestViewSeconds: number
  /** Recorded, loaded, and shown by whichever view is asked. */
  readonly shownSeconds: number
  /** The same, with all views waiting for each other. */
  readonly totalSeconds: number
  readonly load: WindowLoad
  /** Views that did not show the new price within patience. */
  readonly stale: readonly string[]
  /** Lines of the ledger's state that differ: parts, rows, bytes, hashes, sums. */
  readonly rewritten: number
  /** Every total over all calls moved by the tokens of the ledger × the difference of the price. */
  readonly exact: boolean
}

export interface RepriceResult {
  /** Views that were asked until they showed the new price. */
  readonly views: readonly string[]
  readonly runs: readonly RepriceRun[]
  readonly shownSeconds: number
  readonly totalSeconds: number
  readonly rewritten: number
  readonly exact: boolean
  readonly stale: readonly string[]
}

interface RepriceStep {
  readonly change: PriceChange
  readonly run: RepriceRun
}

const PATIENCE_MS = 10_000
const TOKENS_PER_MTOK = 1_000_000n
/** The column of a view that holds all money of its time, account-level calls included. */
const TOTALS: { readonly [view in KpiQuestion['view']]?: string } = {
  kpi_task_cost: 'cost_usd',
  kpi_tenant_cost: 'month_usd',
  kpi_feature_totals: 'cost_usd',
  kpi_cost_to_revenue: 'cost_usd',
  kpi_headline: 'spend_usd',
}

interface Answer {
  readonly text: string
  readonly totalFemtoUsd: bigint | undefined
}

const ask = async ({ reader, database }: BenchLedger, { view, args }: KpiQuestion): Promise<Answer> => {
  const rows = await queryKpi<Record<string, unknown>>(reader, database, view, args)
  const lines = rows.map((row) => JSON.stringify(row))
  const column = TOTALS[view]
  const total = column === undefined ? undefined : rows[0]?.[column]
  return { text: lines.sort().join('\n'), totalFemtoUsd: typeof total === 'string' ? parseUsd(total) : undefined }
}

const createLoader = ({ client, database, book }: BenchLedger): WindowLoader =>
  createWindowLoader({ client, database, foldings: book.foldings, bandEdges: book.bandEdges, clock: systemClock })

/** Loads the windows of both databases; without them every call would be unpriced. */
export const loadWindows = async (ledger: BenchLedger): Promise<WindowLoader> => {
  await createLoader({ ...ledger, database: ledger.emptyDatabase }).refresh()
  const loader = createLoader(ledger)
  await loader.refresh()
  return loader
}

/** Tokens that the changed price is for, straight from the ledger: what a view must move by is this times the difference. */
const affectedTokens = async (
  { client, database, book }: BenchLedger,
  { provider, model, validFrom }: PriceChange,
): Promise<bigint> => {
  const skus = await rowsOf<{ sku: string; model: string; region: string; tier: string; prompt_band: number }>(
    client,
    `SELECT sku, model, region, tier, prompt_band FROM ${database}.skus WHERE provider = {provider:String} GROUP BY ALL`,
    { provider },
  )
  const affected = skus.filter(({ prompt_band: promptBand, ...parts }) => {
    const resolved = resolveSku(book, { ...parts, provider, promptBand }, validFrom)
    return resolved.state === 'ok' && resolved.model === model && resolved.tier === 'standard' && resolved.band === 0
  })
  const [row] = await rowsOf<{ tokens: string }>(
    client,
    `SELECT sum(sign * toInt64(input)) AS tokens FROM ${database}.calls
      WHERE sku IN {skus:Array(UInt64)} AND price_slot >= toDateTime({from:UInt32}, 'UTC') AND price_slot < toDateTime({to:UInt32}, 'UTC')`,
    { skus: affected.map(({ sku }) => BigInt(sku)), from: validFrom, to: SHOWN.to },
  )
  return BigInt(row?.tokens ?? 0)
}

const askAll = async (ledger: BenchLedger, questions: readonly KpiQuestion[]): Promise<Map<string, Answer>> => {
  const answers = new Map<string, Answer>()
  for (const question of questions) answers.set(question.view, await ask(ledger, question))
  return answers
}

interface NewAnswers {
  readonly answers: Map<string, Answer>
  /** Views that still gave the old answer when patience ended. */
  readonly stale: readonly string[]
  readonly slowestMs: number
}

/** Asks every view again until its answer is another one. */
const awaitNewAnswers = async (
  ledger: BenchLedger,
  questions: readonly KpiQuestion[],
  before: Map<string, Answer>,
): Promise<NewAnswers> => {
  const answers = new Map<string, Answer>()
  let slowestMs = 0
  for (const question of questions) {
    const askedAt = performance.now()
    const was = before.get(question.view)?.text
    const deadline = askedAt + PATIENCE_MS
    let answer = await ask(ledger, question)
    while (answer.text === was && performance.now() < deadline) answer = await ask(ledger, question)
    answers.set(question.view, answer)
    slowestMs = Math.max(slowestMs, performance.now() - askedAt)
  }
  const stale = questions.filter(({ view }) => answers.get(view)?.text === before.get(view)?.text)
  return { answers, stale: stale.map(({ view }) => view), slowestMs }
}

const movedBy = (before: Map<string, Answer>, after: Map<string, Answer>, femtoUsd: bigint): boolean => {
  const asked = Object.keys(TOTALS).filter((view) => before.has(view))
  const moved = asked.filter((view) => {
    const [was, is] = [before.get(view)?.totalFemtoUsd, after.get(view)?.totalFemtoUsd]
    return was !== undefined && is !== undefined && is - was === femtoUsd
  })
  return asked.length > 0 && moved.length === asked.length
}

const differenceOf = (before: LedgerState, after: LedgerState): number =>
  before.filter((line) => !after.includes(line)).length + after.filter((line) => !before.includes(line)).length

interface RepriceSettings {
  readonly loader: WindowLoader
  /** Views to ask: those that answer within the limits of a reader. */
  readonly questions: readonly KpiQuestion[]
}

const reprice = async (
  ledger: BenchLedger,
  { loader, questions }: RepriceSettings,
  previous: PriceChange,
): Promise<RepriceStep> => {
  const [stateBefore, before, change] = [
    await readLedgerState(ledger),
    await askAll(ledger, questions),
    await nextPriceChange(ledger),
  ]
  const startedAt = performance.now()
  await recordPriceChange(ledger, change)
  const recordedAt = performance.now()
  const load = await loader.refresh()
  assert(load !== undefined, 'a new price is loaded')
  const loadedAt = performance.now()
  const { answers: after, stale, slowestMs } = await awaitNewAnswers(ledger, questions, before)
  const shownAt = performance.now()
  const femtoPerToken = (parseUsd(change.usdPerMtok) - parseUsd(previous.usdPerMtok)) / TOKENS_PER_MTOK
  const run: RepriceRun = {
    recordSeconds: toSeconds(recordedAt - startedAt),
    refreshSeconds: toSeconds(loadedAt - recordedAt),
    viewsSeconds: toSeconds(shownAt - loadedAt),
    slowestViewSeconds: toSeconds(slowestMs),
    shownSeconds: toSeconds(loadedAt - startedAt + slowestMs),
    totalSeconds: toSeconds(shownAt - startedAt),
    load,
    stale,
    rewritten: differenceOf(stateBefore, await readLedgerState(ledger)),
    exact: movedBy(before, after, (await affectedTokens(ledger, change)) * femtoPerToken),
  }
  return { change, run }
}

/** One change goes before the measured ones, so that each of them has a known price to differ from. */
export const measureReprice = async (
  ledger: BenchLedger,
  settings: RepriceSettings,
  { repetitions, say }: Repetitions,
): Promise<RepriceResult> => {
  let previous = await nextPriceChange(ledger)
  await recordPriceChange(ledger, previous)
  await settings.loader.refresh()
  const runs: RepriceRun[] = []
  for (let repetition = 1; repetition <= repetitions; repetition += 1) {
    say(`repricing ${repetition} of ${repetitions}`)
    const { change, run } = await reprice(ledger, settings, previous)
    runs.push(run)
    previous = change
  }
  return {
    views: settings.questions.map(({ view }) => view),
    runs,
    shownSeconds: medianOf(runs.map(({ shownSeconds }) => shownSeconds)),
    totalSeconds: medianOf(runs.map(({ totalSeconds }) => totalSeconds)),
    rewritten: runs.reduce((sum, { rewritten }) => sum + rewritten, 0),
    exact: runs.every(({ exact }) => exact),
    stale: [...new Set(runs.flatMap(({ stale }) => stale))],
  }
}
