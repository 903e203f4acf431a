/** L8: inserts beside readers that take all they can get. Both in one run, in turns: a machine alone says nothing. */
import { availableParallelism } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { rowsOf, startTestEngine } from './engine.ts'

const ROUNDS = 3
const INSERTS = 6
const ROWS = 5_000
/** As the endpoint has them: on fewer cores than these one reader for each. */
const READERS = Math.min(4, availableParallelism())
/** Readers share the cores with the one that inserts; what waits for a reader to end would wait for its 30 seconds. */
const SLOWER_MAX = 6

const ENDLESS = 'SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1'
const RUNNING = "SELECT count() FROM system.processes WHERE query LIKE '%sipHash64%' AND query NOT LIKE '%system%'"

const medianOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

test('L8: inserts go on about as fast while readers saturate the engine', async () => {
  const own = await startTestEngine()
  await own.migrator.command({ query: 'CREATE DATABASE outlay' })
  await own.migrator.command({ query: 'CREATE TABLE outlay.t (a UInt64, b String) ENGINE = MergeTree ORDER BY a' })
  let inserted = 0
  /** Milliseconds of each of so many inserts, one after the other. */
  const insertSome = async (): Promise<readonly number[]> => {
    const times: number[] = []
    for (let n = 0; n < INSERTS; n += 1) {
      const values = Array.from({ length: ROWS }, (_, row) => ({ a: inserted + row, b: `row ${row}` }))
      const startedMs = performance.now()
      await own.collector.insert({ table: 'outlay.t', values, format: 'JSONEachRow' })
      times.push(performance.now() - startedMs)
      inserted += ROWS
    }
    return times
  }
  const untilRunning = async (queries: number): Promise<void> => {
    while (Number((await rowsOf(own.collector, RUNNING))[0]?.[0]) !== queries) await delay(10)
  }
  const besideReaders = async (): Promise<readonly number[]> => {
    const leave = new AbortController()
    // Twice as many as run at a time: the others wait in line all the while.
    const readers = Array.from({ length: 2 * READERS }, () =>
      own.reader.query({ query: ENDLESS, abort_signal: leave.signal }).catch(() => 'gone'),
    )
    await untilRunning(READERS)
    const times = await insertSome()
    expect(Number((await rowsOf(own.collector, RUNNING))[0]?.[0])).toBe(READERS)
    leave.abort()
    await Promise.all(readers)
    await untilRunning(0)
    return times
  }
  await insertSome()
  const alone: number[] = []
  const beside: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    alone.push(...(await insertSome()))
    beside.push(...(await besideReaders()))
  }
  const [quietMs, loudMs] = [medianOf(alone), medianOf(beside)]
  expect(loudMs / quietMs, `${quietMs.toFixed(0)} ms alone, ${loudMs.toFixed(0)} ms beside readers`).toBeLessThan(
    SLOWER_MAX,
  )
  expect(await rowsOf(own.reader, 'SELECT count() FROM outlay.t')).toEqual([[inserted]])
})
