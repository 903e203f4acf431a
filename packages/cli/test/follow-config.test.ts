/** A collector that runs follows its files: what was configured before is seen to hold no longer, or to hold on. */
import { renameSync, writeFileSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { connect } from '@outlay/clickhouse'
import { type Collector, collectorSettingsOf, startCollector } from '@outlay/collector'
import { systemClock } from '@outlay/core'
import { loadPackagedBook } from '@outlay/pricing'
import { tempDir } from '@outlay/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type FollowedConfig, type FollowSettings, followConfig } from '#src/up/follow-config.ts'
import { createOperatorLog } from '#src/up/operator-log.ts'
import { readConfig } from '#src/up/read-config.ts'

const directory = tempDir()
const file = `${directory.path}/collector.yaml`
const context = {
  environment: {},
  stdin: new PassThrough(),
  stdout: new PassThrough(),
  stderr: new PassThrough(),
  stop: new AbortController().signal,
  cwd: directory.path,
}
const options = { config: ['collector.yaml'], otlpPort: 0, otlpGrpcPort: 0 }
const START = 'processors: { redact: { mode: carriers } }'
/** Where no database answers: nothing behind the log matters here. */
const client = connect({ url: 'http://127.0.0.1:1', username: 'nobody', password: '', database: 'default' })
const said: string[] = []
let collector: Collector
/** Looks at the file when it is asked to. */
let followed: FollowedConfig
/** Looks at it all the time. */
const watch = (): FollowedConfig => followConfig({ ...following, everyMs: 10 })
let following: FollowSettings
/** Nobody reads half of it. */
const configure = (text: string): void => {
  writeFileSync(`${file}.new`, text)
  renameSync(`${file}.new`, file)
}

beforeAll(async () => {
  configure(START)
  const running = await readConfig(context, options)
  const log = createOperatorLog({
    level: 'info',
    encoding: 'console',
    clock: systemClock,
    write: (text) => void said.push(text.trimEnd()),
  })
  const settings = collectorSettingsOf(running.values, { cwd: directory.path, walDirectory: `${directory.path}/wal` })
  collector = await startCollector({ client, book: loadPackagedBook(), ...settings })
  following = { context, options, collector, running, log, everyMs: 3_600_000 }
  followed = followConfig(following)
})
beforeEach(async () => {
  configure(START)
  await followed.reload()
  said.length = 0
})
afterAll(async () => {
  followed.close()
  await collector.close()
  await client.close()
  directory.remove()
})

let requests = 0
/** How many attributes of a span with a prompt are taken out. */
const takenOut = async (): Promise<number> => {
  const counted = async (): Promise<number> => {
    const found = /^outlay_redacted_attributes_total\{class="carrier"\} (\d+)$/m.exec(await collector.metrics())
    return Number(found?.[1] ?? 0)
  }
  const before = await counted()
  requests += 1
  const span = {
    traceId: 'a'.repeat(32),
    spanId: requests.toString(16).padStart(16, '0'),
    name: 'chat',
    attributes: [{ key: 'gen_ai.prompt', value: { stringValue: 'tell me' } }],
  }
  const answer = await fetch(`${collector.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }),
  })
  expect(answer.status).toBe(200)
  return (await counted()) - before
}

describe('a change of the file', () => {
  test('holds without anybody asking', async () => {
    expect(await takenOut()).toBe(1)
    const watching = watch()
    configure('processors: { redact: { mode: off } }')
    await expect.poll(() => said).toContain('config: read again')
    expect(await takenOut()).toBe(0)
    expect(said).toContainEqual(expect.stringMatching(/^WARNING: processors\.redact\.mode is off/))
    watching.close()
  })

  test('of the log level holds from its own line on', async () => {
    configure('service: { telemetry: { logs: { level: error } } }')
    await followed.reload()
    expect(said).toEqual([])
  })

  test('of attribution needs no restart; that of an endpoint, of the log or of a secret does, and is named', async () => {
    configure('processors: { attribution: { require: [tenant], map: { feature: [app.feature] } } }')
    await followed.reload()
    writeFileSync(
      file,
      [
        'extensions: { wal: { max_size: 1GiB } }',
        'receivers: { otlp: { protocols: { http: { read_timeout: 5s } } } }',
        'exporters: { clickhouse: { password: hunter2 } }',
      ].join('\n'),
    )
    await followed.reload()
    expect(said).toEqual([
      'config: read again',
      'config: read again; these hold only after a restart: extensions.wal.max_size, receivers.otlp.protocols.http.read_timeout, exporters.clickhouse.password',
    ])
  })

  test('that is wrong changes nothing, says why, and is not said again', async () => {
    const watching = watch()
    configure('processors: { redact: { mode: off, extra_keys: 1 } }')
    await expect.poll(() => said).toHaveLength(1)
    expect(said).toEqual([expect.stringMatching(/^config: the one of before holds \(.*extra_keys: got 1; want a list/)])
    expect(await takenOut()).toBe(1)
    configure(START)
    await expect.poll(() => said.at(-1)).toBe('config: read again')
    expect(said).toHaveLength(2)
    watching.close()
  })
})
