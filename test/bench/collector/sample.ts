/** One measured run of one piece of work, and what its runs come to. */
import { type Spread, spreadOf } from '../normalize/measure.ts'

export interface Sample {
  readonly spans: number
  /** Before and after compression, where something is sent. */
  readonly bytes?: number
  readonly wireBytes?: number
  readonly wallMs: number
  /** Of the measured process, all threads. */
  readonly cpuMs: number
  /** Of the engine, where one takes part. */
  readonly engineCpuMs?: number
}

export interface Rate {
  readonly name: string
  readonly spansPerCpuSecond: Spread
  readonly spansPerSecond: Spread
  readonly cpuSecondsPerMillion: number
  readonly engineCpuSecondsPerMillion?: number
  readonly bytesPerSpan?: number
  readonly wireBytesPerSpan?: number
}

const MS_PER_SECOND = 1_000
const MILLION = 1_000_000

export const rateOf = (name: string, samples: readonly Sample[]): Rate => {
  const [first] = samples
  if (first === undefined) throw new Error(`BUG: ${name} was not measured`)
  const spansPerCpuSecond = spreadOf(samples.map(({ spans, cpuMs }) => (spans / cpuMs) * MS_PER_SECOND))
  const engine = samples.flatMap(({ spans, engineCpuMs }) => (engineCpuMs === undefined ? [] : [engineCpuMs / spans]))
  return {
    name,
    spansPerCpuSecond,
    spansPerSecond: spreadOf(samples.map(({ spans, wallMs }) => (spans / wallMs) * MS_PER_SECOND)),
    cpuSecondsPerMillion: MILLION / spansPerCpuSecond.median,
    ...(engine.length === 0 ? {} : { engineCpuSecondsPerMillion: (spreadOf(engine).median * MILLION) / MS_PER_SECOND }),
    ...(first.bytes === undefined ? {} : { bytesPerSpan: first.bytes / first.spans }),
    ...(first.wireBytes === undefined ? {} : { wireBytesPerSpan: first.wireBytes / first.spans }),
  }
}
