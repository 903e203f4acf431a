/** One long outage: senders at a steady rate, the database away for a while, then back; then the books. */
import { setTimeout as delay } from 'node:timers/promises'
import { runOutlay } from '../harness/run-outlay.ts'
import type { Books } from './books.ts'
import { type CollectorFigures, type PartFigures, readCollector, readParts } from './outage-figures.ts'
import { readSenderFiles } from './sender-files.ts'
import { DATABASE, setStage, type Stage } from './stage.ts'
import { untilBalanced } from './until-balanced.ts'

export interface OutageSettings {
  readonly outageMs: number
  /** Longest pause of one of eight lanes between two requests. */
  readonly pauseMsMax: number
  readonly seed: number
  readonly say: (line: string) => void
}

export interface OutageSummary {
  readonly books: Books
  /** Attempts of senders that got no OK, by what they got. */
  readonly refused: Readonly<Record<string, number>>
  readonly before: CollectorFigures
  /** The last look before the database came back. */
  readonly during: CollectorFigures
  readonly after: CollectorFigures
  readonly peak: { readonly walBytes: number; readonly rssBytes: number; readonly backlogRecords: number }
  /** Answers of `/healthz` and `/readyz` while the database was away. */
  readonly saidHealth: Readonly<Record<string, number>>
  readonly drainSeconds: number
  readonly parts: readonly PartFigures[]
  /** Blocks that the database took while the backlog was drained. */
  readonly drainInserts: CollectorFigures['inserts']
  readonly verify: { readonly code: number; readonly stdout: string }
  readonly differences: readonly string[]
}

const STEADY_MS = 10_000
const LOOK_MS_MAX = 1_000
const SAY_EVERY_MS = 30_000
/** Draining goes at several times the rate of arrival: longer than the outage itself is a failure. */
const DRAIN_MS_LEAST = 120_000
class Looks {
  readonly #stage: Stage
  readonly #say: (line: string) => void
  readonly #startedMs = performance.now()
  #saidMs = Number.NEGATIVE_INFINITY
  walBytes = 0
  rssBytes = 0
  backlogRecords = 0
  readonly health: Record<string, number> = {}

  constructor(stage: Stage, say: (line: string) => void) {
    this.#stage = stage
    this.#say = say
  }

  async look(what: string): Promise<CollectorFigures> {
    const figures = await readCollector(this.#stage.collector)
    this.walBytes = Math.max(this.walBytes, figures.walBytes)
    this.rssBytes = Math.max(this.rssBytes, figures.rssBytes)
    this.backlogRecords = Math.max(this.backlogRecords, figures.backlogRecords)
    if (performance.now() - this.#saidMs >= SAY_EVERY_MS) {
      this.#saidMs = performance.now()
      this.#say(`${seconds(this.#saidMs - this.#startedMs)} s ${what}: ${lineOf(figures)}`)
    }
    return figures
  }

  noteHealth({ health }: CollectorFigures): void {
    this.health[health] = (this.health[health] ?? 0) + 1
  }
}

const seconds = (milliseconds: number): string => (milliseconds / 1_000).toFixed(0)
const mib = (bytes: number): string => `${(bytes / 1_048_576).toFixed(1)} MiB`

export const lineOf = (figures: CollectorFigures): string =>
  [
    figures.health,
    `log ${mib(figures.walBytes)}`,
    `backlog ${figures.backlogRecords} records, the oldest ${figures.oldestSeconds.toFixed(0)} s`,
    `in doubt ${figures.unitsInDoubt}`,
    `open traces ${figures.openTraces}`,
    `rss ${mib(figures.rssBytes)}`,
  ].join(', ')

const isDrained = (
  { backlogRecords, unitsInDoubt, oldestSeconds }: CollectorFigures,
  steady: CollectorFigures,
): boolean =>
  unitsInDoubt <= 1 && backlogRecords <= 2 * steady.backlogRecords + 50 && oldestSeconds <= steady.oldestSeconds + 3

const untilDrained = async (
  looks: Looks,
  { steady, longestMs, onLook }: { steady: CollectorFigures; longestMs: number; onLook: () => Promise<void> },
): Promise<number> => {
  const startedMs = performance.now()
  while (performance.now() - startedMs < longestMs) {
    const figures = await looks.look('draining')
    await onLook()
    if (isDrained(figures, steady)) break
    await delay(LOOK_MS_MAX)
  }
  return (performance.now() - startedMs) / 1_000
}

const verifyLedger = async ({ engineUrl, credentials }: Stage): Promise<OutageSummary['verify']> => {
  const { username, password } = credentials
  const env = { CLICKHOUSE_URL: engineUrl, CLICKHOUSE_USER: username, CLICKHOUSE_PASSWORD: password }
  const { code, stdout, stderr } = await runOutlay(['verify', '--database', DATABASE], env)
  return { code, stdout: `${stdout}${stderr}` }
}

export const runOutage = async (settings: OutageSettings): Promise<OutageSummary> => {
  const { outageMs, pauseMsMax, seed, say } = settings
  const stage = await setStage({ seed, pauseMsMax, smallDisk: false })
  try {
    await stage.startCollector()
    const looks = new Looks(stage, say)
    await delay(Math.min(STEADY_MS, outageMs))
    const before = await looks.look('before')

    stage.gate.mode = 'closed'
    say(`the database is away for ${seconds(outageMs)} s`)
    const startedMs = performance.now()
    let during = before
    while (performance.now() - startedMs < outageMs) {
      await delay(Math.min(LOOK_MS_MAX, outageMs))
      during = await looks.look('away')
      looks.noteHealth(during)
    }
    stage.gate.mode = 'open'
    say(`the database is back: ${lineOf(during)}`)

    let parts: readonly PartFigures[] = []
    const onLook = async (): Promise<void> => {
      parts = (await readParts(stage.client, DATABASE)).map((part) => {
        const most = parts.find(({ table }) => table === part.table)?.activeMost ?? 0
        return { ...part, activeMost: Math.max(most, part.active) }
      })
    }
    const longestMs = Math.max(DRAIN_MS_LEAST, outageMs)
    const drainSeconds = await untilDrained(looks, {
      steady: before,
      longestMs,
      onLook,
    })
    say(`drained after ${drainSeconds.toFixed(0)} s`)
    const drained = await looks.look('drained')
    await stage.stopSenders()
    const books = await untilBalanced(stage)
    const after = await looks.look('after')
    const verify = await verifyLedger(stage)
    const code = await stage.stopCollector()
    const { refused } = readSenderFiles(stage.senderFiles)
    const { walBytes, rssBytes, backlogRecords } = looks
    const differences = [
      ...books.differences,
      ...(books.unacked === 0 ? [] : [`${books.unacked} calls were not acked`]),
      ...Object.entries(refused).map(([answer, times]) => `${times} attempts were answered ${answer}`),
      ...Object.keys(looks.health)
        .filter((said) => said !== 'healthz 200, readyz 200')
        .map((said) => `while the database was away: ${said}`),
      ...(verify.code === 0 ? [] : [`verify ended with ${verify.code}`]),
      ...(code === 0 ? [] : [`the collector stopped with exit code ${code}`]),
    ]
    return {
      books,
      refused,
      before,
      during,
      after,
      saidHealth: looks.health,
      drainSeconds,
      verify,
      differences,
      peak: { walBytes, rssBytes, backlogRecords },
      parts,
      drainInserts: {
        spans: drained.inserts.spans - during.inserts.spans,
        calls: drained.inserts.calls - during.inserts.calls,
      },
    }
  } finally {
    await stage.close()
  }
}
