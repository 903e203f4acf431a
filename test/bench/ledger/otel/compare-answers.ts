/** Do both sides count the same? Tokens must be equal per key; money where both sides have the same prices. */
import { queryKpi } from '@outlay/clickhouse'
import { assert } from '@outlay/core'
import { type BenchLedger, rowsOf } from '../bench-ledger.ts'
import type { Target } from '../counters-targets.ts'
import { modelsOfOnePrice } from './list-prices.ts'
import { OTEL_DATABASE } from './load-spans.ts'
import { renderQuestion } from './otel-questions.ts'

export interface Range {
  readonly from: number
  readonly to: number
}

export interface SpanFigures {
  readonly key: string
  readonly calls: string
  readonly input_tokens: string
  readonly output_tokens: string
  readonly cost_usd: number
}

/** Floating-point sums of some hundred thousand products against exact ones. */
const TOLERANCE = 1e-9

const sumsOf = ({ key, calls, input_tokens: input, output_tokens: output }: SpanFigures): string =>
  [key, calls, input, output].join(' ')

/** Fails where a key has other calls or tokens on one side than on the other. */
export const assertSameTokens = async (
  { client, database }: BenchLedger,
  { target, key, range }: { readonly target: Target; readonly key: string; readonly range: Range },
  theirs: readonly SpanFigures[],
): Promise<void> => {
  const ours = await rowsOf<SpanFigures>(
    client,
    `SELECT ${key} AS key, sum(calls) AS calls, sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens FROM ${database}.${target}
      WHERE price_slot >= toDateTime({from:UInt32}, 'UTC') AND price_slot < toDateTime({to:UInt32}, 'UTC') GROUP BY key HAVING calls > 0`,
    { ...range },
  )
  const [own, raw] = [new Set(ours.map(sumsOf)), new Set(theirs.map(sumsOf))]
  const different = [...own, ...raw].filter((sums) => own.has(sums) !== raw.has(sums))
  assert(different.length === 0, `spans and ${target} have other tokens: ${different.slice(0, 4).join(' | ')}`)
}

/** Cost of the models that cost the same on both sides. Fails where it differs. */
export const assertSameMoney = async (ledger: BenchLedger, range: Range): Promise<readonly string[]> => {
  const { reader, database, book } = ledger
  const models = modelsOfOnePrice(book)
  const theirs = await rowsOf<{ cost_usd: number }>(reader, renderQuestion('cost-of-models.sql', OTEL_DATABASE), {
    ...range,
    models,
  })
  const [ours] = await queryKpi<{ cost_usd: string }>(reader, database, 'kpi_feature_totals', {
    from_time: range.from,
    to_time: range.to,
    models,
    book: 'r1',
  })
  const [exact, floating] = [Number(ours?.cost_usd), theirs[0]?.cost_usd ?? Number.NaN]
  assert(
    exact > 0 && Math.abs(floating / exact - 1) < TOLERANCE,
    `${models.join(', ')} cost ${exact} by the ledger and ${floating} by the spans`,
  )
  return models
}
