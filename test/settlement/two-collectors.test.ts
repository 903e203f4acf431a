/** F17: two collectors with logs of their own on one database, and a sender that gives the same spans to both. */
import { tempDir } from '@outlay/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readStored, targetsThatDiffer } from '../harness/conservation.ts'
import { otlpRequest, ownCall, sendRequest } from '../harness/otlp-spans.ts'
import { startTestCollector, type TestCollector } from '../harness/test-collector.ts'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'

/** Long enough for an insert on a busy machine, short enough for a test. */
const WAITS = { ownerMs: 6_000, otherMs: 12_000 }

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

const entries = async (): Promise<readonly { entry: string; rows: number }[]> => {
  const result = await ledger.client.query({
    query: `SELECT hex(entry_id) AS entry, toUInt32(count()) AS rows FROM ${database}.calls GROUP BY entry HAVING rows > 1`,
    format: 'JSONEachRow',
  })
  return result.json()
}

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
    const { calls } = await readStored(ledger, database)
    expect(await entries()).toEqual([])
    expect([...calls.values()]).toEqual(Array.from({ length: 25 }, () => 1))
    expect(await targetsThatDiffer(ledger, database)).toEqual([])
  })
})
