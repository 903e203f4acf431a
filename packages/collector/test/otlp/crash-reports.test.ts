/** S6: what a process that crashes leaves behind says nothing of what it was sent. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { CONTENT_CARRIERS } from '@outlay/semconv'
import { tempDir } from '@outlay/testkit'
import { expect, test, vi } from 'vitest'
import { sendJson, sendProtobuf } from './http-client.ts'
import { encodeRequest, jsonRequest, spanOf, textAttribute } from './requests.ts'

const CANARY = 'CANARY tell me a secret'
const attributes = CONTENT_CARRIERS.map((key) => textAttribute(key.replaceAll('*', '.0.x'), CANARY))

test('S6: neither the output of a crash nor a diagnostic report of Node holds content', async () => {
  using directory = tempDir()
  const [log, reports] = [join(directory.path, 'log'), join(directory.path, 'reports')]
  for (const path of [log, reports]) mkdirSync(path)
  const child = fork(`${import.meta.dirname}/crash-main.ts`, [log], {
    execArgv: ['--report-on-signal', '--report-uncaught-exception', `--report-directory=${reports}`],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const said: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => said.push(chunk))
  const [port] = (await once(child, 'message')) as [number]
  // Taken, refused with content right where it cannot be read, and still on its way.
  expect((await sendProtobuf(port, encodeRequest([spanOf({ attributes })]))).code).toBe(200)
  expect((await sendJson(port, `{"resourceSpans": [{"${CANARY}" ${CANARY}`)).code).toBe(400)
  const slow = connect(port, '127.0.0.1')
  slow.on('error', () => undefined)
  slow.write(
    `POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 999\r\n\r\n{"${CANARY}`,
  )
  child.kill('SIGUSR2')
  await vi.waitUntil(() => readdirSync(reports).length === 1, { timeout: 20_000 })
  const ended = once(child, 'close')
  // The one in whose middle it ends.
  sendJson(port, { ...jsonRequest('second'), note: CANARY, more: attributes }).catch(() => undefined)
  expect((await ended)[0]).not.toBe(0)
  slow.destroy()
  const output = Buffer.concat(said).toString()
  expect(output).toContain('a mistake of ours')
  const files = [reports, log].flatMap((path) =>
    readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1')),
  )
  expect(readdirSync(reports)).toHaveLength(2)
  expect(files.filter((text) => text.includes('a mistake of ours'))).toHaveLength(1)
  expect([output, ...files].filter((text) => text.includes('CANARY'))).toEqual([])
})
