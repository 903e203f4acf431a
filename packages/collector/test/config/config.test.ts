import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { collectorSettingsOf } from '#src/config/collector-settings-of.ts'
import { CONFIG_KEYS, configKeys } from '#src/config/config-keys.ts'
import { type ConfigSources, parseCollectorConfig } from '#src/config/parse-collector-config.ts'
import { UNSUPPORTED_KEYS } from '#src/config/unsupported-keys.ts'
import { PAGE_URL, renderConfigPage } from '../../scripts/config-page.ts'

const NOTHING: ConfigSources = { files: [], assignments: [], overrides: [], environment: {} }
const parse = (text: string, sources: Partial<ConfigSources> = {}) =>
  parseCollectorConfig({ ...NOTHING, files: [{ name: 'collector.yaml', text }], ...sources })

const refusalOf = (text: string, sources: Partial<ConfigSources> = {}): string => {
  try {
    parse(text, sources)
  } catch (error) {
    return (error as Error).message
  }
  return 'accepted'
}

const effectiveOf = (config: ReturnType<typeof parse>, path: string) =>
  config.effective.find((entry) => entry.path === path)

describe('the reference page', () => {
  test('says what the keys say (else: npm run generate)', () => {
    expect(readFileSync(PAGE_URL, 'utf8')).toBe(renderConfigPage())
  })

  test('shows as an example what holds without a file', () => {
    const [, example = ''] = /```yaml\n([\s\S]*)```/.exec(readFileSync(PAGE_URL, 'utf8')) ?? []
    expect(parse(example).values).toEqual(parseCollectorConfig(NOTHING).values)
  })
})

describe('a configuration', () => {
  test('is merged from files, --set and options, and every value knows where it came from', () => {
    const first =
      'receivers:\n  otlp:\n    protocols:\n      http:\n        endpoint: 127.0.0.1:1\n        idle_timeout: 1m30s\n'
    const second =
      'receivers: { otlp: { protocols: { http: { endpoint: "127.0.0.1:2" }, grpc: } } }\nprocessors:\n  redact:\n'
    const config = parseCollectorConfig({
      files: [
        { name: 'a.yaml', text: first },
        { name: 'b.yaml', text: second },
      ],
      assignments: ['processors.redact.extra_keys=[a, b]', 'processors.genai.max_open=1h'],
      overrides: [{ path: CONFIG_KEYS.database.path, origin: '--database', apply: (before) => `${String(before)}_2` }],
      environment: {},
    })
    expect(config.values).toMatchObject({
      httpEndpoint: { host: '127.0.0.1', port: 2 },
      httpIdleTimeout: 90_000,
      redactExtraKeys: ['a', 'b'],
      openMax: 3_600_000,
      database: 'outlay_2',
      walBytesMax: 8 * 2 ** 30,
    })
    const origins = Object.fromEntries(config.effective.map(({ path, origin }) => [path, origin]))
    expect(origins).toMatchObject({
      'receivers.otlp.protocols.http.endpoint': 'b.yaml:1',
      'receivers.otlp.protocols.http.idle_timeout': 'a.yaml:6',
      'processors.redact.extra_keys': '--set',
      'exporters.clickhouse.database': '--database',
      'extensions.wal.max_size': 'default',
    })
    expect(Object.keys(origins)).toHaveLength(configKeys.length)
    expect(Object.isFrozen(config.values)).toBe(true)
  })

  test('takes variables of the environment, alone as what they say, and misses those that are not there', () => {
    const text = [
      'exporters:',
      '  clickhouse: { endpoint: "${env:URL:-http://127.0.0.1:8123}", password: "pa$$${env:SECRET}" }',
      'processors: { memory_limiter: { limit_mib: "${env:MIB}" }, redact: { keep_status_message: "${env:KEEP:-true}" } }',
    ].join('\n')
    const config = parse(text, { environment: { SECRET: 's3', MIB: '7' } })
    expect(config.values).toMatchObject({
      clickhouseEndpoint: 'http://127.0.0.1:8123',
      clickhousePassword: 'pa$s3',
      inFlightMib: 7,
      redactKeepStatus: true,
    })
    const message = refusalOf(text, { environment: { MIB: 'many' } })
    expect(message).toContain('collector.yaml:2: the environment variable SECRET is not set')
    expect(message).toContain('processors.memory_limiter.limit_mib: got "many"; want a whole number')
  })

  test('masks secrets and passwords in URLs, also in what it refuses', () => {
    const text = (more: string) =>
      `exporters: { clickhouse: { endpoint: "http://me:hunter2@db:8123", password: hunter2${more} } }`
    const config = parse(text(''))
    expect(effectiveOf(config, 'exporters.clickhouse.password')?.value).toBe('****')
    expect(effectiveOf(config, 'exporters.clickhouse.endpoint')?.value).toBe('http://me:****@db:8123')
    expect(JSON.stringify(config.effective)).not.toContain('hunter2')
    expect(
      refusalOf('exporters: { clickhouse: { endpoint: "ftp://me:hunter2@db", password: [hunter2] } }'),
    ).not.toContain('hunter2')
  })

  test('is refused with every problem, its path, its value and its origin', () => {
    const message = refusalOf(
      [
        'recievers: {}',
        'receivers:',
        '  otlp: { protocols: { http: { endpoint: here, compression_algorithms: [gzp], idle_timeout: 75 } } }',
        'extensions: { wal: { max_size: 8, directry: x }, tokens: 1 }',
        'processors: { redact: { mode: of }, redact/other: {}, attribution: { require: [tenant, team] } }',
        'exporters: { clickhouse: { database: "a b" } }',
      ].join('\n'),
      { assignments: ['nonsense'] },
    )
    for (const part of [
      '12 problem(s)',
      'recievers: unknown key, did you mean "receivers"?; from collector.yaml:1',
      'http.endpoint: got "here"; want an address and a port such as 127.0.0.1:4318; port 0 = any; from collector.yaml:3',
      'compression_algorithms: got ["gzp"]; want one of "", gzip, zstd, deflate at 0',
      'idle_timeout: got 75; want a duration with its unit',
      'max_size: got 8; want a size with its unit',
      'extensions.wal.directry: unknown key, did you mean "directory"?',
      'extensions.tokens: got 1; want a map of settings',
      'processors.redact.mode: got "of"; want carriers, known_only or off',
      'processors.redact/other: this version has one redact',
      'attribution.require: got ["tenant","team"]; want one of tenant',
      'database: got "a b"; want a name of letters',
      '--set: want KEY=VALUE',
    ]) {
      expect(message).toContain(part)
    }
  })

  test.each([
    ['[memory_limiter, genai, redact, attribution]', 'the order is fixed'],
    ['[memory_limiter, genai, attribution]', 'to keep content all the same, say processors.redact.mode: off'],
    ['[memory_limiter, redact, batch, genai, attribution]', 'batch: would answer before anything is durable'],
    ['[memory_limiter, redact, genai, atribution]', 'unknown processor "atribution", did you mean "attribution"?'],
    ['[redact, genai, attribution]', 'without memory_limiter; it always runs'],
  ])('with the processors %s is refused: %s', (processors, reason) => {
    const text = `service: { pipelines: { traces: { receivers: [otlp], processors: ${processors}, exporters: [clickhouse] } } }`
    expect(refusalOf(text)).toContain(`service.pipelines.traces.processors: `)
    expect(refusalOf(text)).toContain(reason)
  })

  test('maps names of the sender, and neither content nor users', () => {
    const mapped = (map: string): string => `processors: { attribution: { map: ${map} } }`
    const settings = collectorSettingsOf(parse(mapped('{ feature: [app.feature, app.module] }')).values, {
      cwd: '/',
      walDirectory: '/wal',
    })
    expect(settings).toMatchObject({
      attributionMap: { feature: ['app.feature', 'app.module'] },
      redact: { mappedKeys: ['app.feature', 'app.module'] },
    })
    expect(refusalOf(mapped('{ feature: [gen_ai.input.messages] }'))).toContain(
      'neither carries content nor identifies',
    )
    expect(refusalOf(mapped('{ feature: [enduser.id] }'))).toContain('neither carries content nor identifies')
    expect(refusalOf(mapped('{ user: [app.user] }'))).toContain('processors.attribution.map: got')
  })

  test('takes what a stock Collector has where there is nothing to do, and an empty path for none', () => {
    const text =
      'receivers: { otlp: { protocols: { http: { tls: { cert_file: "", key_file: "" } } } } }\nprocessors: { memory_limiter: { check_interval: 250ms, limit_mib: 512, spike_limit_mib: 128 }, genai: { candidate_ttl: 30d } }\nexporters: { clickhouse: { timeout: 60s, in_flight_per_table: 2, fsync_after_insert: true } }\nservice: { telemetry: { logs: { level: warn, encoding: json } } }\n'
    expect(parse(text).values).toMatchObject({ logLevel: 'warn', logEncoding: 'json', clickhouseTimeout: 60_000 })
    expect(parse(text).values.http.certFile).toBeUndefined()
    expect(refusalOf('processors: { genai: { candidate_ttl: 40d } }')).toContain(
      'want 30d: what is closed stays closed',
    )
    expect(refusalOf('exporters: { clickhouse: { fsync_after_insert: false } }')).toContain('want true')
    expect(refusalOf('exporters: { clickhouse: { timeout: 121s } }')).toContain('want 1s to 120s')
  })

  test('with a mirror has a pipeline that goes there, and room for it in the log', () => {
    const ledger =
      'traces: { receivers: [otlp], processors: [memory_limiter, redact, genai, attribution], exporters: [clickhouse] }'
    const pipelines = `service: { pipelines: { ${ledger}, traces/mirror: { receivers: [otlp], processors: [memory_limiter, redact], exporters: [otlp_http/existing] } } }\n`
    const exporter = (keys: string): string => `exporters: { otlp_http/existing: { ${keys} } }\n`
    const environment = { TRACES_TOKEN: 's3cret' }
    const config = parse(
      `${pipelines}${exporter('endpoint: "https://traces.internal:4318/", headers: { authorization: "Bearer ${env:TRACES_TOKEN}" }')}`,
      { environment },
    )
    expect(collectorSettingsOf(config.values, { cwd: '/', walDirectory: '/wal' }).mirror).toEqual({
      url: 'https://traces.internal:4318/v1/traces',
      headers: { authorization: 'Bearer s3cret' },
      compression: 'gzip',
      timeoutMs: 10_000,
      maxLagBytes: 2 ** 30,
    })
    expect(JSON.stringify(config.effective)).not.toContain('s3cret')
    const endpoint = 'endpoint: "https://traces.internal"'
    expect(refusalOf(exporter(endpoint))).toContain(
      'exporters.otlp_http.endpoint: no pipeline goes there; add traces/mirror',
    )
    expect(refusalOf(pipelines)).toContain('exporters.otlp_http.endpoint: missing; a pipeline goes there')
    expect(refusalOf(`${pipelines}${exporter(`${endpoint}, max_lag: 5GiB`)}`)).toContain('at most half of')
    expect(refusalOf(`${pipelines}${exporter(`${endpoint}, traces_endpoint: "http://a/b"`)}`)).toContain(
      'give one of them',
    )
    for (const url of [
      'ftp://traces',
      'file:///etc/passwd',
      'gopher://a:70',
      'traces.internal',
      '//traces',
      'javascript:x',
    ]) {
      expect(refusalOf(`${pipelines}${exporter(`endpoint: "${url}"`)}`)).toContain('want a URL such as')
    }
    for (const url of ['https://me:secret@traces', 'https://me@traces/', 'http://@127.0.0.1', 'http://a\\@b']) {
      expect(refusalOf(`${pipelines}${exporter(`endpoint: '${url}'`)}`)).toContain('want a URL without a user')
    }
    const unredacted = pipelines
      .replace('[memory_limiter, redact] ', '[memory_limiter] ')
      .replace('processors: [memory_limiter, redact],', 'processors: [memory_limiter],')
    expect(refusalOf(`${unredacted}${exporter(endpoint)}`)).toContain('traces/mirror.processors: without redact')
  })

  test('with a second pipeline, or one of metrics, is refused', () => {
    const pipeline =
      '{ receivers: [otlp], processors: [memory_limiter, redact, genai, attribution], exporters: [clickhouse] }'
    expect(refusalOf(`service: { pipelines: { traces: ${pipeline}, traces/mirror: ${pipeline} } }`)).toContain(
      'one pipeline',
    )
    expect(refusalOf(`service: { pipelines: { metrics: ${pipeline} } }`)).toContain('only traces are taken')
    expect(refusalOf(`service: { pipelines: { traces: ${pipeline} } }`)).toBe('accepted')
  })

  test.each(UNSUPPORTED_KEYS)('with $path is refused by name, not ignored', ({ path, why }) => {
    const text = path.split('.').reduceRight((inner, name) => `{ ${name}: ${inner} }`, '{ a: 1 }')
    expect(refusalOf(text)).toContain(`${path}: ${why}`)
  })

  test('with halves that need each other is refused', () => {
    const tls = (keys: string) => `receivers: { otlp: { protocols: { http: { tls: { ${keys} } } } } }`
    expect(refusalOf(tls('cert_file: a'))).toContain('http.tls.key_file: missing; cert_file needs it')
    expect(refusalOf(tls('client_ca_file: a'))).toContain('http.tls.cert_file: missing')
    expect(refusalOf(tls('cert_file: a, key_file: b, client_tenants: { "DNS:a.b": t }'))).toContain(
      'client_ca_file: missing',
    )
    const local = 'cert_file: a, key_file: b, client_ca_file: c, client_tenants: { "DNS:a.b": local }'
    expect(refusalOf(tls(local))).toContain('"local" stands for senders without a token')
    const tokens = 'extensions: { tokens: { file: t.yaml } }\n'
    expect(refusalOf(`${tokens}service: { extensions: [wal] }`)).toContain(
      'is configured and not in the list: add tokens',
    )
    expect(refusalOf('service: { extensions: [tokens] }')).toContain('wal always runs')
    expect(refusalOf(`${tokens}service: { extensions: [wal, tokens] }`)).toBe('accepted')
  })

  test('that is no YAML is refused by line, without quoting it', () => {
    const message = refusalOf('exporters:\n  clickhouse: { password: "hunter2')
    expect(message).toMatch(/collector\.yaml:2: not valid YAML/)
    expect(message).not.toContain('hunter2')
    expect(refusalOf('[1]')).toContain('not a map of settings')
    expect(refusalOf('')).toBe('accepted')
  })

  test('becomes the settings of a collector, paths from where the command runs', () => {
    const { values } = parse(
      [
        'receivers: { otlp: { protocols: { http: { tls: { cert_file: c, key_file: k, client_ca_file: a, client_tenants: { "DNS:a.b": acme } },',
        '  compression_algorithms: ["", gzip] }, grpc: { max_recv_msg_size_mib: 2 } } } }',
        'extensions: { tokens: { file: t.yaml, header: X-Outlay-Token } }',
      ].join('\n'),
    )
    const settings = collectorSettingsOf(values, { cwd: '/at', walDirectory: '/data/wal' })
    expect(settings).toMatchObject({
      walDirectory: '/data/wal',
      database: 'outlay',
      tokens: { file: '/at/t.yaml', header: 'x-outlay-token', reloadIntervalMs: 5_000 },
      http: {
        host: '127.0.0.1',
        port: 4318,
        encodings: ['identity', 'gzip'],
        tls: { certFile: '/at/c', clientTenants: new Map([['DNS:a.b', 'acme']]) },
      },
      grpc: { port: 4317, bodyBytesMax: 2 * 2 ** 20 },
    })
    expect(settings.grpc).not.toHaveProperty('tls')
  })
})
