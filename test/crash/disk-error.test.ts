/** F8: a disk that fails under a running `outlay up`. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { tempDir } from '@outlay/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { openWal } from '../../packages/collector/src/wal/index.ts'
import { otlpRequest, ownCall } from '../harness/otlp-spans.ts'
import { NO_LEDGER } from '../harness/run-outlay.ts'

const root = `${import.meta.dirname}/../..`
const UNAVAILABLE = 503

test('an fsync that fails is a 503, never an OK, and ends `outlay up` with an exit code and the reason', async () => {
  using directory = tempDir()
  const armed = `${directory.path}/armed`
  // With a log there from before, spans are taken although no database answers.
  await (await openWal({ directory: `${directory.path}/data/wal` })).close()
  const ports = ['--otlp-port', '0', '--otlp-grpc-port', '0', '--admin-port', '0']
  const preload = `${new URL('failing-disk.ts', import.meta.url).href}?armed=${armed}`
  const child = spawn(
    process.execPath,
    ['--import', preload, 'packages/cli/src/main.ts', 'up', '--data-dir', `${directory.path}/data`, ...ports],
    { cwd: root, env: { ...process.env, ...NO_LEDGER } },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = once(child, 'exit')
  let text = ''
  const running = Promise.withResolvers<string>()
  const read = (bytes: Buffer): void => {
    text += bytes.toString()
    const url = /send spans\s+(\S+)/.exec(text)?.[1]
    if (url !== undefined) running.resolve(url)
  }
  child.stdout.on('data', read)
  child.stderr.on('data', read)
  child.once('exit', () => running.reject(new Error(`ended before it ran: ${text}`)))
  const url = await running.promise
  const send = async (span: number): Promise<number> => {
    const body = JSON.stringify(otlpRequest([ownCall(span, span)]))
    return (await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).status
  }
  expect(await send(1)).toBe(200)
  writeFileSync(armed, '')
  expect(await send(2)).toBe(UNAVAILABLE)
  expect(await ended).toEqual([3, null])
  expect(text).toMatch(/E_COLLECTOR_FAILED: the collector stopped.*start it again: everything acked is in its log/s)

  const log = await openWal({ directory: `${directory.path}/data/wal` })
  expect((await log.read(1n, { recordsMax: 10, bytesMax: 1e6 })).length).toBeGreaterThanOrEqual(1)
  await log.close()
})
