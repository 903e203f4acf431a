/** A stock OpenTelemetry Collector before ours, and behind it. */
import { tempDir } from '@outlay/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { readStored } from '../harness/conservation.ts'
import { startKillableCollector } from '../harness/killable-collector.ts'
import type { LedgerSums } from '../harness/ledger-sums.ts'
import { startTestCollector } from '../harness/test-collector.ts'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'
import { isGoMissing, skipWithoutGo } from './built-programs.ts'
import { expectCharged, expectConserved, expectEachOnce } from './expect-conserved.ts'
import { goCalls, sumsOfGoCalls } from './go-calls.ts'
import { runSdkSender, type SdkReport } from './sdk-sender.ts'
import { startStockCollector } from './stock-collector.ts'
import { openSwitchedRelay } from './switched-relay.ts'
import { runTelemetrygen, sumsOfGenerated } from './telemetrygen.ts'

const POLL = { timeout: 30_000, interval: 50 }
const GRPC = { host: '127.0.0.1', port: 0 }

let ledger: TestLedger

beforeAll(async () => {
  if (!isGoMissing()) ledger = await startTestLedger()
})
afterAll(async () => {
  if (!isGoMissing()) await ledger.close()
})
beforeEach(skipWithoutGo)

const together = (one: LedgerSums, other: LedgerSums): LedgerSums => {
  const meters = [...new Set([...Object.keys(one.meters), ...Object.keys(other.meters)])]
  return {
    charges: one.charges + other.charges,
    meters: Object.fromEntries(
      meters.map((meter) => [meter, (one.meters[meter] ?? 0) + (other.meters[meter] ?? 0)] as const),
    ),
  }
}

interface Urls {
  readonly http: string
  readonly grpc: string
}

const overHttp =
  (settings: object) =>
  ({ http }: Urls) => ({ otlphttp: { endpoint: http, ...settings } })
const overGrpc =
  (compression: string) =>
  ({ grpc }: Urls) => ({
    otlp: { endpoint: new URL(grpc).host, tls: { insecure: true }, compression },
  })

describe('a stock Collector before ours', () => {
  test.each([
    { way: 'protobuf over HTTP', exporter: overHttp({ compression: 'none' }) },
    { way: 'protobuf over HTTP, gzip', exporter: overHttp({ compression: 'gzip' }) },
    { way: 'protobuf over HTTP, zstd', exporter: overHttp({ compression: 'zstd' }) },
    { way: 'JSON over HTTP, gzip', exporter: overHttp({ encoding: 'json', compression: 'gzip' }) },
    { way: 'gRPC', exporter: overGrpc('none') },
    { way: 'gRPC, gzip', exporter: overGrpc('gzip') },
  ])('passes on what it got from apps and telemetrygen by $way: each span once', async ({ exporter }) => {
    const database = await ledger.createDatabase(['openai'])
    const ours = await startTestCollector(ledger, database, { grpc: GRPC })
    onTestFinished(() => ours.close())
    const { urls } = await startStockCollector(
      exporter({ http: ours.collector.url, grpc: ours.collector.grpcUrl ?? '' }),
    )
    const [overHttpToo, overGrpcToo, generated] = await Promise.all([
      runSdkSender({ transport: 'http', url: urls.http, batchSize: 7, spans: goCalls(50) }),
      runSdkSender({ transport: 'grpc', url: urls.grpc, batchSize: 7, spans: goCalls(50) }),
      runTelemetrygen({ transport: 'grpc', url: urls.grpc, workers: 2, traces: 25 }),
    ])
    expect([...overHttpToo.errors, ...overGrpcToo.errors]).toEqual([])
    await expectEachOnce(ledger, database, 100 + generated.spans)
    const sums = together(together(sumsOfGoCalls(50), sumsOfGoCalls(50)), sumsOfGenerated(generated.leaves))
    await expectCharged(ledger, database, sums)
  })

  test('sends again what ours took and was killed over before the answer was heard, and what came meanwhile: each span once', async () => {
    const database = await ledger.createDatabase(['openai'])
    const directory = tempDir()
    onTestFinished(() => directory.remove())
    const placement = { database, walDirectory: `${directory.path}/wal`, databaseUrl: ledger.engine.url }
    const first = await startKillableCollector(ledger, placement)
    const relay = await openSwitchedRelay(first.url)
    const { urls } = await startStockCollector({
      otlphttp: {
        endpoint: relay.url,
        retry_on_failure: { initial_interval: '100ms', max_interval: '500ms' },
        sending_queue: { queue_size: 10_000, num_consumers: 2 },
      },
    })
    const all = goCalls(3_000)
    const send = (from: number, to: number): Promise<SdkReport> =>
      runSdkSender({ transport: 'grpc', url: urls.grpc, batchSize: 5, spans: all.slice(from, to) })
    const before = await send(0, 1_000)
    await expect.poll(async () => (await readStored(ledger, database)).spans.size, POLL).toBeGreaterThan(0)
    relay.isSilent = true
    const unheard = await send(1_000, 2_000)
    await expect.poll(() => relay.unheard, POLL).toBeGreaterThan(0)
    await first.kill()
    const whileAway = await send(2_000, 3_000)
    const second = await startKillableCollector(ledger, placement)
    relay.target = second.url
    relay.isSilent = false
    expect([...before.errors, ...unheard.errors, ...whileAway.errors]).toEqual([])
    const sent = [...before.sent, ...unheard.sent, ...whileAway.sent]
    await expectConserved(ledger, database, sent, sumsOfGoCalls(3_000))
  })
})

describe('a stock Collector behind ours', () => {
  test.each(['none', 'gzip'] as const)('gets every span that ours got, compressed with %s', async (compression) => {
    const stock = await startStockCollector({ debug: { verbosity: 'basic' } })
    const database = await ledger.createDatabase(['openai'])
    const url = `${stock.urls.http}/v1/traces`
    const mirror = { url, headers: {}, compression, timeoutMs: 5_000, maxLagBytes: 100_000_000 }
    const ours = await startTestCollector(ledger, database, { mirror })
    onTestFinished(() => ours.close())
    const { sent, errors } = await runSdkSender({
      transport: 'http',
      url: ours.collector.url,
      batchSize: 9,
      spans: goCalls(100),
    })
    expect(errors).toEqual([])
    await expect.poll(() => stock.debuggedSpans(), POLL).toBe(100)
    await expectConserved(ledger, database, sent, sumsOfGoCalls(100))
  })
})
