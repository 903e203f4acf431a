import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { startTestCollector } from '../harness/test-collector.ts'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'
import { isGoMissing, skipWithoutGo } from './built-programs.ts'
import { expectCharged, expectEachOnce } from './expect-conserved.ts'
import { runTelemetrygen, sumsOfGenerated } from './telemetrygen.ts'

let ledger: TestLedger

beforeAll(async () => {
  if (!isGoMissing()) ledger = await startTestLedger()
})
afterAll(async () => {
  if (!isGoMissing()) await ledger.close()
})
beforeEach(skipWithoutGo)

test.each([
  { transport: 'http', batchSize: 25 },
  { transport: 'http', batchSize: undefined },
  { transport: 'grpc', batchSize: 25 },
  { transport: 'grpc', batchSize: undefined },
] as const)(
  'telemetrygen over $transport, in batches of $batchSize: each span once',
  async ({ transport, batchSize }) => {
    const database = await ledger.createDatabase(['openai'])
    const started = await startTestCollector(ledger, database, { grpc: { host: '127.0.0.1', port: 0 } })
    onTestFinished(() => started.close())
    const url = transport === 'http' ? started.collector.url : (started.collector.grpcUrl ?? '')
    const batches = batchSize === undefined ? {} : { batchSize }
    const { spans, leaves } = await runTelemetrygen({
      transport,
      url,
      workers: 3,
      traces: 50,
      childSpans: 2,
      ...batches,
    })
    expect(spans).toBe(450)
    await expectEachOnce(ledger, database, spans)
    await expectCharged(ledger, database, sumsOfGenerated(leaves))
  },
)
