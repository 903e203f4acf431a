import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { tempDir } from '@outlay/testkit'
import { describe, expect, test } from 'vitest'
import { expectDocumentedShape } from '../harness/cli-schema.ts'
import { runProgram } from '../harness/outlay-program.ts'
import { otlpRequest, ownCall, sendRequest } from '../harness/otlp-spans.ts'

const root = `${import.meta.dirname}/../..`
const main = `${root}/packages/cli/src/main.ts`
const SHUTDOWN_MS_MAX = 5_000

interface Run {
  readonly child: ChildProcess
  output(): string
  /** Resolves once the text appeared on stdout; rejects when the process ends before. */
  until(text: string): Promise<void>
}

const start = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Run => {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', ...env },
  })
  let text = ''
  child.stdout.on('data', (bytes: Buffer) => (text += bytes.toString()))
  child.stderr.on('data', (bytes: Buffer) => (text += bytes.toString()))
  return {
    child,
    output: () => text,
    until: (wanted) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (text.includes(wanted)) resolve()
        }
        child.stdout.on('data', check)
        child.on('exit', (code) => reject(new Error(`ended with ${code} before ${wanted}:\n${text}`)))
        check()
      }),
  }
}

const finish = async (run: Run): Promise<number | null> => {
  const [code] =
    run.child.exitCode === null ? ((await once(run.child, 'exit')) as [number | null]) : [run.child.exitCode]
  return code
}

const urlAfter = (label: string, text: string): string =>
  new RegExp(`${label}\\s+(http://[0-9.:]+)`).exec(text)?.[1] ?? ''

describe('outlay up --demo', () => {
  test('shows the eight KPIs, keeps serving, and on SIGTERM ends cleanly within 5 s with nothing lost', async () => {
    using directory = tempDir()
    const ports = [
      '--otlp-port',
      '0',
      '--otlp-grpc-port',
      '0',
      '--sql-port',
      '0',
      '--admin-port',
      '0',
      '--data-dir',
      directory.path,
    ]
    const bands = `${directory.path}/bands.yaml`
    writeFileSync(bands, 'bands: { lag_s: [{ verdict: ok }, { above: 77, verdict: act }] }')
    const up = start([
      'up',
      '--demo',
      '--demo-days',
      '40',
      '--bands',
      bands,
      '--set',
      'service.drain_delay=10ms',
      ...ports,
    ])
    await up.until('Outlay is running')
    const screen = up.output()
    for (const title of [
      'Per-task cost',
      'Per-user cost',
      'Per-tenant cost',
      'Tier-budget utilization',
      'Overage rate by tier',
      'Soft-cap degradation',
      'Top-feature concentration',
      'Cost to revenue',
    ]) {
      expect(screen).toContain(title)
    }
    expect(screen).toContain('lab-preview-7')
    expect(screen).toMatch(/http:\/\/127\.0\.0\.1:\d+ +\(the same over OTLP\/gRPC\)/)
    expect(screen).toMatch(/calls in quarantine/)

    const sqlUrl = urlAfter('SQL', screen)
    const kpi = start(['kpi', '--database', 'outlay_demo', '--json'], {
      CLICKHOUSE_URL: sqlUrl,
      CLICKHOUSE_USER: 'reader',
    })
    expect(await finish(kpi)).toBe(0)
    const figures = JSON.parse(kpi.output()) as { kpis: { kpi: number; headline: number | null }[] }
    expectDocumentedShape('kpi', figures)
    expect(figures.kpis.map(({ kpi }) => kpi)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(figures.kpis.filter(({ headline }) => headline === null)).toEqual([])
    expect((await fetch(`${urlAfter('health', screen)}/healthz`)).status).toBe(200)
    const panel = /panel\s+(http:\S+)/.exec(screen)?.[1] ?? ''
    expect(new URL(panel).search).toBe('?database=outlay_demo')
    expect(await (await fetch(panel)).text()).toContain('<title>Outlay</title>')
    const refused = await fetch(new URL('/api/panel/overview?database=system', panel))
    expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('want outlay, outlay_demo')])

    // A span that is acked right before the end belongs to the ledger of the next start.
    expect(await sendRequest(urlAfter('send spans', screen), otlpRequest([ownCall(1, 1)]))).toBe(true)
    const stopping = performance.now()
    up.child.kill('SIGTERM')
    expect(await finish(up)).toBe(0)
    expect(performance.now() - stopping).toBeLessThan(SHUTDOWN_MS_MAX)

    // The second start is configured by a file, and asks senders for tokens.
    const tokens = `${directory.path}/tokens.yaml`
    writeFileSync(tokens, 'tokens: []')
    const config = `${directory.path}/collector.yaml`
    const extensions = 'extensions: { tokens: { file: "${env:TOKENS}", reload_interval: 1h } }'
    writeFileSync(
      config,
      `${extensions}\nprocessors: { redact: { mode: off } }\nservice: { telemetry: { logs: { level: error } } }`,
    )
    const again = start(['up', '--config', config, ...ports], { TOKENS: tokens })
    await again.until('Outlay is running')
    const answerOf = async (sql: string): Promise<string> => {
      const response = await fetch(`${urlAfter('SQL', again.output())}/?query=${encodeURIComponent(sql)}`, {
        headers: { 'x-clickhouse-user': 'reader' },
      })
      return (await response.text()).trim()
    }
    const count = 'SELECT count() FROM outlay.calls'
    await expect.poll(() => answerOf(count), { timeout: 20_000, interval: 100 }).toBe('1')
    // Started without a file, it leaves the bands that were configured before.
    const edges = `SELECT groupArray(lower) FROM outlay.bands WHERE band = 'lag_s' AND strict AND version = (SELECT max(version) FROM outlay.bands)`
    expect(await answerOf(edges)).toBe('[77]')
    expect(await sendRequest(urlAfter('send spans', again.output()), otlpRequest([ownCall(2, 2)]))).toBe(false)
    writeFileSync(tokens, 'tokens: [] # again')
    // Above the level that is configured.
    expect(again.output()).toContain('WARNING: processors.redact.mode is off')
    writeFileSync(config, `${extensions}\nprocessors: { redact: { mode: known_only }, genai: { max_open: 1m } }`)
    again.child.kill('SIGHUP')
    await expect.poll(() => again.output(), { timeout: 20_000 }).toContain('tokens: read again, 0 hold now')
    const waiting = 'config: read again; these hold only after a restart: processors.genai.max_open\n'
    await expect.poll(() => again.output(), { timeout: 20_000 }).toContain(waiting)
    again.child.kill('SIGINT')
    expect(await finish(again)).toBe(0)
  }, 240_000)
})

describe('wrong usage', () => {
  test('a KPI screen without a running ledger says how to start one', async () => {
    const run = start(['kpi'], { CLICKHOUSE_URL: 'http://127.0.0.1:1' })
    expect(await finish(run)).toBe(3)
    expect(run.output()).toMatch(/E_UNREACHABLE: no ClickHouse answers.*outlay up/s)
  })

  test.each([
    [['--host', '0.0.0.0'], /E_UNAUTHENTICATED_HOST: receivers\.otlp\.protocols\.http\.endpoint: .*--insecure-allow/],
    [['--host', '0.0.0.0', '--tokens', 't.yaml'], /E_UNAUTHENTICATED_HOST: service\.telemetry\.metrics.*--admin-host/],
    [['--set', 'recievers.otlp=1'], /E_CONFIG: .*\n {2}recievers: unknown key, did you mean "receivers"\?; from --set/],
    [['--config', 'none.yaml'], /E_FILE: none\.yaml/],
    [['--tokens', 'none.yaml'], /E_TOKENS_FILE: .*none\.yaml: there is no such tokens file/],
  ] as const)('up %j is refused before anything starts', async (args, message) => {
    expect(await runProgram(['up', ...args], {})).toMatchObject({ code: 2, stderr: expect.stringMatching(message) })
  })

  test('an unknown option is named', async () => {
    const run = start(['kpi', '--databse', 'x'])
    expect(await finish(run)).toBe(2)
    expect(run.output()).toContain('--databse')
  })

  test('migrate prints every statement without a database', async () => {
    const run = start(['migrate', '--dry-run', '--cluster', 'main'])
    expect(await finish(run)).toBe(0)
    expect(run.output()).toContain("ON CLUSTER 'main'")
  })
})
