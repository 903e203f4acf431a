/** L2 and L7: as many idle connections as there may be, and one more. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { limits } from '@outlay/core'
import { expect, onTestFinished, test, vi } from 'vitest'
import { sendProtobuf } from './http-client.ts'
import type { IdleOrder } from './idle-connections-main.ts'
import { loggedSpans, startReceiver } from './receiver-fixture.ts'
import { encodeRequest, spanOf } from './requests.ts'

/** For whatever else this process has open. */
const SPARE_FILES = 1_000
/** Longer than the slowest machine needs to open them all. */
const PATIENT = { headersMs: 120_000, requestMs: 120_000, idleMs: 600_000 }

/** Node raises the soft limit to the hard one when it starts. Without /proc nothing is known, and it is tried. */
const openFilesMax = (): number => {
  try {
    return Number(/^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? Infinity)
  } catch {
    return Infinity
  }
}

const startIdleSenders = (): ((order: IdleOrder) => Promise<unknown>) => {
  const child = fork(`${import.meta.dirname}/idle-connections-main.ts`)
  onTestFinished(async () => {
    const gone = once(child, 'exit')
    child.disconnect()
    await gone
  })
  return async (order) => {
    child.send(order)
    return (await once(child, 'message'))[0]
  }
}

/** Everything that came back on a new connection, which the other end closes. */
const answerOnNew = async (port: number): Promise<string> => {
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.setEncoding('latin1').on('data', (text: string) => (answer += text))
  // Reset or closed: the sender cannot choose which it sees.
  socket.on('error', () => undefined)
  await new Promise<void>((resolve) => {
    socket.once('close', () => resolve())
  })
  return answer
}

test('L2: ten thousand idle connections are held and served; one more is closed at once and counted, and gets in when another ends', async (context) => {
  const connections = Math.min(limits.connectionsMax, openFilesMax() - SPARE_FILES)
  await using receiver = await startReceiver({ http: { timeouts: PATIENT } })
  const tell = startIdleSenders()
  expect(await tell({ order: 'open', port: receiver.port, connections })).toBe(`${connections} open`)
  const body = encodeRequest([spanOf({ name: 'over an idle one' })])
  expect(await tell({ order: 'send', body: body.toString('base64') })).toBe('HTTP/1.1 200 OK')
  expect(await loggedSpans(receiver.wal)).toEqual(['over an idle one'])
  if (connections < limits.connectionsMax) {
    context.skip(`${connections} connections were held; the edge is ${limits.connectionsMax}, and files run out before`)
  }
  expect(receiver.counted.get('refused connections')).toBeUndefined()
  expect(await answerOnNew(receiver.port)).toBe('')
  expect(receiver.counted.get('refused connections')).toBe(1)
  expect(await tell({ order: 'end one' })).toBe(`${connections - 1} open`)
  await vi.waitFor(async () => {
    const answer = await sendProtobuf(receiver.port, encodeRequest([spanOf({ name: 'in its place' })]))
    expect(answer.code).toBe(200)
  })
  expect(await loggedSpans(receiver.wal)).toEqual(['over an idle one', 'in its place'])
})
