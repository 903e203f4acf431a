/** F17: two collectors with logs of their own on one database, and a sender that gives the same spans to both. */
import { connect } from '@outlay/clickhouse'
import { tempDir } from '@outlay/testkit'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { readStored, spanIdOf, targetsThatDiffer } from '../harness/conservation.ts'
import { otlpRequest, ownCall, sendRequest } from '../harness/otlp-spans.ts'
import { openStatementGate } from '../harness/statement-gate.ts'
import { startTestCollector, type TestCollector } from '../harness/test-collector.ts'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'

/** Shorter than an insert may take on a busy machine: what both post at once is taken back. */
const WAITS = { ownerMs: 200, otherMs: 400 }

let ledger: TestLedger
let database: string
let both: readonly TestCollector[] = []
const directories = [tempDir(), tempDir()]

beforeAll(async () => {
  ledger = await startTestLedger()
  database = await ledger.createDatabase(['openai'])
  both = await Promise.all(
    directories.map((directory) => startTestCollector(ledger, database, { directory, sharedTraces: WAITS })),
  )
}, 60_000)

afterAll(async () => {
  await Promise.all(both.map((each) => each.close()))
  await ledger?.close()
  for (const directory of directories) directory.remove()
})

const send = async (collectors: readonly TestCollector[], span: number): Promise<void> => {
  const request = otlpRequest([ownCall(span, span)])
  const acked = await Promise.all(collectors.map(({ collector }) => sendRequest(collector.url, request)))
  expect(acked).toEqual(collectors.map(() => true))
}

const settled = async (): Promise<void> => {
  for (const { collector } of both) await collector.settled()
}

/** Reasons of the entries of a span, in the order in which they were posted. */
const reasonsOf = async (span: number): Promise<readonly string[]> => {
  const result = await ledger.client.query({
    query: `SELECT reason, sign FROM ${database}.calls WHERE span_id = unhex({span:String}) ORDER BY posted_at, sign DESC`,
    query_params: { span: spanIdOf(span) },
    format: 'JSONEachRow',
  })
  return (await result.json<{ reason: string; sign: number }>()).map(({ reason, sign }) => `${sign} ${reason}`)
}

/** Net sign of each call, and the targets that say something else than the ledger. */
const books = async (): Promise<unknown> => {
  const { calls } = await readStored(ledger, database)
  return { calls: [...calls.values()], differ: await targetsThatDiffer(ledger, database) }
}
const eachOnce = (calls: number) => ({ calls: Array.from({ length: calls }, () => 1), differ: [] })

describe('the same call in two logs', () => {
  test('retried to another collector is charged once', async () => {
    const [first, second] = both as [TestCollector, TestCollector]
    await send([first], 1)
    await settled()
    await send([second], 1)
    await settled()
    const { spans, calls } = await readStored(ledger, database)
    expect([[...spans.values()], [...calls.values()]]).toEqual([[2], [1]])
  })

  test('given to both at once is charged once', async () => {
    for (let span = 2; span <= 25; span += 1) await send(both, span)
    await settled()
    expect(await books()).toEqual(eachOnce(25))
  })

  test('is charged once when the entries of one are held up for longer than the other waits', async () => {
    const [, second] = both as [TestCollector, TestCollector]
    const directory = tempDir()
    onTestFinished(() => directory.remove())
    await using gate = await openStatementGate(ledger.engine.url, `INSERT+INTO+${database}.calls`, false)
    const client = connect({ url: gate.url, ...ledger.engine.credentials.migrator, database: 'default' })
    onTestFinished(() => client.close())
    const heldUp = await startTestCollector({ ...ledger, client }, database, { directory, sharedTraces: WAITS })
    onTestFinished(() => heldUp.close())

    await send([heldUp], 26)
    await gate.reached
    await send([second], 26)
    await second.collector.settled()
    expect(await reasonsOf(26)).toEqual(['1 settled'])
    gate.release()
    await heldUp.collector.settled()
    await second.collector.settled()
    expect(await reasonsOf(26)).toEqual(['1 settled', '1 settled', '-1 duplicate'])
    expect(await books()).toEqual(eachOnce(26))
  })
})
