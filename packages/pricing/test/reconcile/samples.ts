/** Saved exports to test with, and the ledger that agrees with them. */
import { readFileSync } from 'node:fs'
import type { Meter } from '@outlay/core'
import {
  type CostLine,
  type LedgerUsage,
  parseProviderExport,
  type ProviderExport,
  type ReconcileProvider,
  type UsageLine,
} from '#src/index.ts'

const fixture = (name: string) => ({
  name,
  text: readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8'),
})

export const fixtureExport = (provider: ReconcileProvider, ...names: string[]): ProviderExport =>
  parseProviderExport(provider, names.map(fixture))

export const DAY = '2026-11-03'
export const NEXT_DAY = '2026-11-04'
export const SOL = 'gpt-5.6-sol-2026-07-09'
export const MINI = 'gpt-5.4-mini-2026-03-17'
export const OPUS = 'claude-opus-5-5-20260818'
export const HAIKU = 'claude-haiku-5-5-20260901'

/** Femto-dollars per token for a price per million tokens in thousandths of a dollar. */
export const perMillion = (milliUsd: number): bigint => BigInt(milliUsd) * 1_000_000n

/** Prices that the exports in `fixtures/` were written with, in 1/1000 USD per million. */
const PRICES: Readonly<Record<string, Readonly<Partial<Record<Meter, number>>>>> = {
  [`${SOL} standard`]: {
    input: 2500,
    cache_read: 250,
    cache_write_30m: 3125,
    cache_write_12h: 6250,
    output: 15_000,
  },
  [`${SOL} priority`]: { input: 5000, output: 30_000 },
  [`${MINI} batch`]: { input: 375, output: 2250 },
  [`${OPUS} standard`]: {
    input: 4000,
    cache_read: 200,
    cache_write_5m: 5000,
    cache_write_1h: 8000,
    output: 20_000,
    web_search: 10_000_000,
  },
  [`${OPUS} batch`]: { input: 2000, output: 10_000 },
  [`${HAIKU} standard`]: { input: 1000, output: 5000 },
}

export const ledgerRow = (row: Partial<LedgerUsage> = {}): LedgerUsage => ({
  day: DAY,
  model: SOL,
  tier: 'standard',
  meter: 'input',
  quantity: 1_000_000n,
  fusd: perMillion(2500),
  ninths: 0,
  row: 'list openai/gpt-5.6-sol standard input 2.5',
  ...row,
})

/** A ledger that counted exactly what the provider says, at the fixtures' prices. */
export const ledgerOf = ({ usage }: ProviderExport): LedgerUsage[] =>
  usage.map(({ day, model, tier, meter, quantity }) => {
    const price = PRICES[`${model} ${tier}`]?.[meter]
    const fusd = price === undefined ? null : perMillion(price)
    return ledgerRow({ day, model, tier: tier ?? 'standard', meter, quantity, fusd, row: `${model} ${tier} ${meter}` })
  })

export const usageLine = (line: Partial<UsageLine> = {}): UsageLine => ({
  day: DAY,
  model: SOL,
  tier: 'standard',
  meter: 'input',
  quantity: 1_000_000n,
  project: null,
  ...line,
})

const QUECTO_PER_CENT = 10n ** 28n

/** `usd` in cents. */
export const costLine = ({ usdCents = 250n, ...line }: Partial<CostLine> & { usdCents?: bigint } = {}): CostLine => ({
  day: DAY,
  label: `${line.model ?? SOL}, input`,
  kind: 'usage',
  model: SOL,
  tier: 'standard',
  meters: ['input'],
  amount: usdCents * QUECTO_PER_CENT,
  quantity: null,
  ...line,
})

/** An export of the days of its lines; usage of all token meters is taken to be shown. */
export const exportOf = (usage: UsageLine[], costs: CostLine[]): ProviderExport => ({
  provider: 'openai',
  usage,
  costs,
  usageDays: new Map(
    [DAY, NEXT_DAY].map((day) => [day, new Set<Meter>(usage.length > 0 ? ['input', 'output', 'cache_read'] : [])]),
  ),
  costDays: new Set(costs.length > 0 ? [DAY, NEXT_DAY] : []),
  notes: [],
})
