/** Another backend gets what the log holds: a real receiver, or one that answers as a test wants. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { Registry } from 'prom-client'
import { describe, expect, onTestFinished, test } from 'vitest'
import { MIRROR_CONSUMER, runMirror } from '#src/mirror/mirror-worker.ts'
import type { MirrorSettings } from '#src/mirror/mirror-settings.ts'
import { createMirrorMetrics } from '#src/telemetry/mirror-metrics.ts'
import type { Wal } from '#src/wal/index.ts'
import { loggedSpans, startReceiver } from '../otlp/receiver-fixture.ts'
import { encodeRequest, spanOf } from '../otlp/requests.ts'
import { appendText, META, openTestWal, readAll, TemporaryDirectory } from '../wal/wal-fixture.ts'

interface Mirror {
  readonly wal: Wal
  readonly events: string[]
  metric(name: string): Promise<number>
}

const startMirror = async (url: string, settings: Partial<MirrorSettings> = {}, wal?: Wal): Promise<Mirror> => {
  const directory = await TemporaryDirectory.create()
  const log = wal ?? (await openTestWal(directory.path))
  log.registerConsumers([MIRROR_CONSUMER])
  const registry = new Registry()
  const stop = new AbortController()
  const events: string[] = []
  const ended = runMirror({
    wal: log,
    mirror: { url, headers: {}, compression: 'gzip', timeoutMs: 5_000, maxLagBytes: 1_000_000, ...settings },
    metrics: createMirrorMetrics(registry),
    signal: stop.signal,
    onHeld: (code) => events.push(`held ${code}`),
    onSkipped: (records) => events.push(`skipped ${records}`),
    onFailed: (error) => events.push(`failed ${String(error)}`),
  })
  onTestFinished(async () => {
    stop.abort()
    await ended
    await log.close()
    await directory[Symbol.asyncDispose]()
  })
  return {
    wal: log,
    events,
    metric: async (name) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(await registry.metrics())?.[1]),
  }
}

interface Backend {
  readonly url: string
  readonly bodies: string[]
  readonly headers: Record<string, unknown>[]
}

/** Answers with the status that `answer` gives for a body. */
const startBackend = async (
  answer: (body: string, request: number) => number | [number, string],
  location = '',
): Promise<Backend> => {
  const bodies: string[] = []
  const headers: Record<string, unknown>[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const raw = Buffer.concat(chunks)
      const body = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString()
      headers.push(request.headers)
      const said = answer(body, headers.length)
      const [status, retryAfter] = typeof said === 'number' ? [said, '0'] : said
      if (status === 200) bodies.push(body)
      response.writeHead(status, { 'retry-after': retryAfter, ...(location === '' ? {} : { location }) }).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`, bodies, headers }
}

const POLL = { timeout: 20_000, interval: 10 }
const finished = async ({ wal }: Mirror): Promise<void> => {
  await expect.poll(() => wal.cursor(MIRROR_CONSUMER), POLL).toBe(wal.durableLsn)
}

describe('a mirrored backend', () => {
  test('gets every span of the log, in order, several records in one request', async () => {
    await using backend = await startReceiver()
    const directory = await TemporaryDirectory.create()
    const wal = await openTestWal(directory.path)
    const names = Array.from({ length: 40 }, (_, n) => `span ${n}`)
    for (const name of names) await wal.append({ body: encodeRequest([spanOf({ name })]), spanCount: 1, meta: META })
    const mirror = await startMirror(`http://127.0.0.1:${backend.port}/v1/traces`, {}, wal)
    await finished(mirror)
    expect(await loggedSpans(backend.wal)).toEqual(names)
    expect((await readAll(backend.wal)).length).toBeLessThan(10)
    expect(mirror.events).toEqual([])
  })

  test('gets the headers that were configured, and the same bytes again until it takes them', async () => {
    const backend = await startBackend((_, request) => (request <= 2 ? [503, '0'] : 200))
    const mirror = await startMirror(backend.url, { headers: { authorization: 'Bearer abc' }, compression: 'none' })
    await appendText(mirror.wal, 'one')
    await finished(mirror)
    expect(backend.bodies).toEqual(['one'])
    expect(backend.headers).toHaveLength(3)
    expect(backend.headers[0]).toMatchObject({
      authorization: 'Bearer abc',
      'content-type': 'application/x-protobuf',
    })
    expect(mirror.events).toEqual(['held 503'])
  })

  test('is not asked again before the time that it names', async () => {
    const at: number[] = []
    const backend = await startBackend(() => {
      at.push(performance.now())
      return at.length === 1 ? [429, '2'] : 200
    })
    const mirror = await startMirror(backend.url)
    await appendText(mirror.wal, 'one')
    await finished(mirror)
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThan(1_950)
  })

  test('refuses one record for good without costing the others', async () => {
    const backend = await startBackend((body) => (body.includes('bad') ? 400 : 200))
    const directory = await TemporaryDirectory.create()
    const wal = await openTestWal(directory.path)
    for (const text of ['one ', 'bad ', 'two ', 'three ']) await appendText(wal, text)
    const mirror = await startMirror(backend.url, {}, wal)
    await finished(mirror)
    expect(backend.bodies.join('')).toBe('one two three ')
    expect(await mirror.metric('outlay_mirror_refused_records_total{code="400"}')).toBe(1)
  })

  test('that does not know us is told once, and nothing is lost', async () => {
    const backend = await startBackend(() => 401)
    const mirror = await startMirror(backend.url)
    await appendText(mirror.wal, 'one')
    await expect.poll(() => backend.headers.length, POLL).toBe(1)
    await expect.poll(() => mirror.events, POLL).toEqual(['held 401'])
    expect(mirror.wal.cursor(MIRROR_CONSUMER)).toBe(0n)
  })

  test.each([301, 302, 303, 307, 308])('is not followed to another place by %d', async (code) => {
    const elsewhere = await startBackend(() => 200)
    const backend = await startBackend(() => code, elsewhere.url)
    const mirror = await startMirror(backend.url)
    await appendText(mirror.wal, 'one')
    await expect.poll(() => mirror.events, POLL).toEqual([`held ${code}`])
    expect([backend.headers.length, elsewhere.headers.length]).toEqual([1, 0])
    expect(mirror.wal.cursor(MIRROR_CONSUMER)).toBe(0n)
  })

  test('that stays away for long loses the oldest records, by count, and never fills the log', async () => {
    let isAway = true
    const backend = await startBackend(() => (isAway ? 503 : 200))
    const mirror = await startMirror(backend.url, { maxLagBytes: 20_000 })
    const texts = Array.from({ length: 60 }, (_, n) => `record ${n} `.padEnd(1_000, '.'))
    for (const text of texts) await appendText(mirror.wal, text)
    await expect.poll(() => mirror.metric('outlay_mirror_skipped_records_total'), POLL).toBeGreaterThan(0)
    isAway = false
    await finished(mirror)
    const skipped = await mirror.metric('outlay_mirror_skipped_records_total')
    expect(skipped).toBeGreaterThanOrEqual(35)
    expect(skipped).toBeLessThan(60)
    expect(backend.bodies.join('')).toBe(texts.slice(skipped).join(''))
  })
})
