/** The same questions on the ledger and on raw spans, over the same days, in turn. */
import { queryKpi } from '@outlay/clickhouse'
import { type BenchLedger, rowsOf } from '../bench-ledger.ts'
import { failureOf, ratioOfCpu, type Repetitions } from '../measure-kpis.ts'
import { SHOWN } from '../period.ts'
import { type Timing, timeSideBySide } from '../timing.ts'
import { assertSameMoney, assertSameTokens, type SpanFigures } from './compare-answers.ts'
import { type LoadedSpans, OTEL_DATABASE } from './load-spans.ts'
import { OTEL_QUESTIONS, renderQuestion } from './otel-questions.ts'

export interface SpanTiming {
  readonly question: string
  readonly view: string
  readonly ours: Timing
  readonly theirs: Timing
  /** Of medians: theirs ÷ ours. */
  readonly timesFaster: number
  readonly cpuTimesFaster?: number
}

/** Raw spans that do not answer within the limits of a reader. */
export interface SpanFailure {
  readonly question: string
  readonly failure: string
}

export interface SpansResult extends LoadedSpans {
  readonly daysAsked: number
  readonly questions: readonly (SpanTiming | SpanFailure)[]
  /** Models whose cost both sides agree on, since the price table of the spans is right for them. */
  readonly modelsOfEqualMoney: readonly string[]
  readonly otelBytes: number
  readonly otelBytesPerSpan: number
  readonly callsBytesPerCall: number
  /** `calls` ÷ `otel_traces`, per call where the spans are not all. */
  readonly bytesRatio: number
}

const DAY_SECONDS = 86_400
const DAYS_MAX = 30

const measureQuestion = async (
  ledger: BenchLedger,
  { from, to }: { readonly from: number; readonly to: number },
  { question, file, view, args, target, key }: (typeof OTEL_QUESTIONS)[number],
  repetitions: number,
): Promise<SpanTiming> => {
  const { reader, database } = ledger
  const statement = renderQuestion(file, OTEL_DATABASE)
  const askSpans = () => rowsOf<SpanFigures>(reader, statement, { from, to })
  await assertSameTokens(ledger, { target, key, range: { from, to } }, await askSpans())
  const { ours, theirs } = await timeSideBySide(
    { ours: () => queryKpi(reader, database, view, args(from, to)), theirs: askSpans },
    { repetitions, enginePid: ledger.enginePid() },
  )
  const { cpuRatio } = ratioOfCpu(theirs, ours)
  return {
    question,
    view,
    ours,
    theirs,
    timesFaster: theirs.ms / ours.ms,
    ...(cpuRatio === undefined ? {} : { cpuTimesFaster: cpuRatio }),
  }
}

export const measureSpans = async (
  ledger: BenchLedger,
  { loaded, callsBytes }: { readonly loaded: LoadedSpans; readonly callsBytes: number },
  { repetitions, say }: Repetitions,
): Promise<SpansResult> => {
  const range = { from: SHOWN.monthFrom, to: Math.min(loaded.to, SHOWN.monthFrom + DAYS_MAX * DAY_SECONDS) }
  const questions: (SpanTiming | SpanFailure)[] = []
  for (const each of OTEL_QUESTIONS) {
    say(`measuring raw spans: ${each.question}`)
    try {
      questions.push(await measureQuestion(ledger, range, each, repetitions))
    } catch (error) {
      questions.push({ question: each.question, failure: failureOf(error) })
    }
  }
  const [row] = await rowsOf<{ bytes: string }>(
    ledger.client,
    `SELECT sum(bytes_on_disk) AS bytes FROM system.parts WHERE active AND database = {database:String} AND table = 'otel_traces'`,
    { database: OTEL_DATABASE },
  )
  const otelBytes = Number(row?.bytes)
  const [otelBytesPerSpan, callsBytesPerCall] = [otelBytes / loaded.spans, callsBytes / loaded.calls]
  return {
    ...loaded,
    daysAsked: (range.to - range.from) / DAY_SECONDS,
    questions,
    modelsOfEqualMoney: await assertSameMoney(ledger, range),
    otelBytes,
    otelBytesPerSpan,
    callsBytesPerCall,
    bytesRatio: callsBytesPerCall / otelBytesPerSpan,
  }
}
