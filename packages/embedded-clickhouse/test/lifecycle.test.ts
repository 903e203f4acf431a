import { OutlayError } from '@outlay/core'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { readPublishedEngine, startEmbeddedClickHouse } from '#src/index.ts'
import { rowsOf, startTestEngine, temporaryFolder } from './engine.ts'

const pidOf = async (dataDir: string): Promise<number> => (await readPublishedEngine(dataDir))?.pid ?? 0

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('a crash', () => {
  test('kill -9 is an outage: same port, same credentials, same data, same token log', async () => {
    const own = await startTestEngine()
    const query =
      'CREATE TABLE outlay.t (a UInt64) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 100'
    await own.migrator.command({ query: 'CREATE DATABASE outlay' })
    await own.migrator.command({ query })
    const insert = (): Promise<unknown> =>
      own.collector.insert({
        table: 'outlay.t',
        values: [{ a: 1 }, { a: 2 }],
        format: 'JSONEachRow',
        clickhouse_settings: { insert_deduplication_token: 'a' },
      })
    await insert()
    const url = own.engine.url
    const [exited, ready] = [own.next('exited'), own.next('ready')]
    process.kill(await pidOf(own.dataDir), 'SIGKILL')
    expect(await exited).toMatchObject({ signal: 'SIGKILL' })
    expect((await ready).url).toBe(url)
    expect(own.engine.restarts).toBe(1)
    await insert()
    expect(await rowsOf(own.reader, 'SELECT count() FROM outlay.t')).toEqual([[2]])
  })

  test('what it left in the spool is swept', async () => {
    const own = await startTestEngine()
    const leftover = join(own.dataDir, 'spool', 'leftover')
    await writeFile(leftover, 'rows of a dead engine')
    const ready = own.next('ready')
    process.kill(await pidOf(own.dataDir), 'SIGKILL')
    await ready
    await expect(stat(leftover)).rejects.toThrow('ENOENT')
  })
})

describe('a data directory', () => {
  test('belongs to one engine: the second is told who has it and what to do', async () => {
    const own = await startTestEngine()
    const before = await readFile(join(own.dataDir, 'credentials.json'), 'utf8')
    const refusal: unknown = await startEmbeddedClickHouse({ dataDir: own.dataDir, port: 0 }).catch(
      (error: unknown) => error,
    )
    expect(refusal).toBeInstanceOf(OutlayError)
    expect(refusal).toMatchObject({ code: 'E_DATA_DIR_IN_USE' })
    expect(String(refusal)).toContain(`process ${await pidOf(own.dataDir)}`)
    expect(String(refusal)).toContain(own.dataDir)
    // The loser must not have touched what the winner published.
    expect(await readFile(join(own.dataDir, 'credentials.json'), 'utf8')).toBe(before)
    expect(await own.reader.ping()).toEqual({ success: true })
  })

  test('left behind by a killed process is taken over', async () => {
    const dataDir = await temporaryFolder()
    const parent = await startParent(dataDir)
    const pid = await pidOf(dataDir)
    parent.kill('SIGKILL')
    process.kill(pid, 'SIGKILL')
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false)
    const own = await startTestEngine(dataDir)
    expect(await own.reader.ping()).toEqual({ success: true })
  })

  test('whose name the engine would read as a pattern is refused', async () => {
    await expect(startEmbeddedClickHouse({ dataDir: '/tmp/outlay-{a,b}', port: 0 })).rejects.toMatchObject({
      code: 'E_DATA_DIR_NAME',
    })
  })

  test('publishes its credentials to its owner only', async () => {
    const own = await startTestEngine()
    const file = join(own.dataDir, 'credentials.json')
    expect(((await stat(file)).mode & 0o777).toString(8)).toBe('600')
    expect(await readPublishedEngine(own.dataDir)).toMatchObject({
      url: own.engine.url,
      credentials: own.engine.credentials,
    })
    await own.engine.close()
    expect(await readPublishedEngine(own.dataDir)).toBeUndefined()
  })
})

test('a port in use is told as such', async () => {
  const squatter = createServer()
  await new Promise<void>((resolve) => {
    squatter.listen(0, '127.0.0.1', resolve)
  })
  const { port } = squatter.address() as AddressInfo
  const dataDir = await temporaryFolder()
  const refusal: unknown = await startEmbeddedClickHouse({ dataDir, port }).catch((error: unknown) => error)
  expect(refusal).toMatchObject({ code: 'E_PORT_IN_USE' })
  expect(String(refusal)).toContain(`127.0.0.1:${port}`)
  squatter.close()
  // The failed start released the directory.
  const own = await startTestEngine(dataDir)
  expect(await own.reader.ping()).toEqual({ success: true })
})

describe('the end', () => {
  test('close() ends the process cleanly, twice if asked', async () => {
    const own = await startTestEngine()
    const pid = await pidOf(own.dataDir)
    await Promise.all([own.engine.close(), own.engine.close()])
    expect(isAlive(pid)).toBe(false)
    expect(own.events.map((event) => event.type)).toEqual(['ready'])
  })

  test('close() lets a running insert finish and stops a long query', async () => {
    const own = await startTestEngine()
    const endless = own.reader
      .query({ query: 'SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1' })
      .catch(() => 'stopped')
    await expect
      .poll(() =>
        rowsOf(
          own.collector,
          "SELECT count() FROM system.processes WHERE query LIKE '%sipHash64%' AND query NOT LIKE '%system%'",
        ),
      )
      .toEqual([[1]])
    const pid = await pidOf(own.dataDir)
    await own.engine.close()
    expect(await endless).toBe('stopped')
    expect(isAlive(pid)).toBe(false)
    // Not killed: a clean end takes its published credentials with it.
    expect(await readPublishedEngine(own.dataDir)).toBeUndefined()
  })

  test('the engine goes when its parent is killed', async () => {
    const dataDir = await temporaryFolder()
    const parent = await startParent(dataDir)
    const pid = await pidOf(dataDir)
    expect(isAlive(pid)).toBe(true)
    parent.kill('SIGKILL')
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false)
  })
})

describe('time', () => {
  test('a query past its own limit is error 159, and the pool stays usable', async () => {
    const own = await startTestEngine()
    const query = 'SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1'
    await expect(own.reader.query({ query, clickhouse_settings: { max_execution_time: 0.2 } })).rejects.toMatchObject({
      code: '159',
    })
    expect(await rowsOf(own.reader, 'SELECT 1')).toEqual([[1]])
  })

  test('a client that goes away stops its query, and inserts go on meanwhile', async () => {
    const own = await startTestEngine()
    await own.migrator.command({ query: 'CREATE DATABASE outlay' })
    await own.migrator.command({ query: 'CREATE TABLE outlay.t (a UInt64) ENGINE = MergeTree ORDER BY a' })
    const running = "SELECT count() FROM system.processes WHERE query LIKE '%sipHash64%' AND query NOT LIKE '%system%'"
    const leave = new AbortController()
    const query = 'SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1'
    // More than there are readers: the rest waits, and leaves the queue when the client does.
    const abandoned = Array.from({ length: 6 }, () =>
      own.reader.query({ query, abort_signal: leave.signal }).catch(() => 'gone'),
    )
    await expect.poll(async () => Number((await rowsOf(own.collector, running))[0]?.[0])).toBeGreaterThan(0)
    await own.collector.insert({ table: 'outlay.t', values: [{ a: 1 }], format: 'JSONEachRow' })
    leave.abort()
    await Promise.all(abandoned)
    await expect.poll(() => rowsOf(own.collector, running)).toEqual([[0]])
    expect(await rowsOf(own.reader, 'SELECT count() FROM outlay.t')).toEqual([[1]])
  })
})

/** A process of its own that starts an engine on `dataDir`, as `outlay up` does. */
const startParent = async (dataDir: string): Promise<ChildProcess> => {
  const entry = fileURLToPath(new URL('./parent.ts', import.meta.url))
  const parent = spawn(process.execPath, [entry, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] })
  if (parent.stdout !== null) await once(parent.stdout, 'data')
  return parent
}
