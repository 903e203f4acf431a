/**
 * Every key of `collector.yaml` that this version honours: where it stands, what it takes, what holds without it, and what it
 * is for. The one list behind parsing, the reference page and the effective config, so that they cannot differ.
 */
import { limits } from '@outlay/core'
import { classifyAttributeKey } from '@outlay/semconv'
import { z } from 'zod'
import { REDACT_MODES } from '#src/redact/index.ts'
import { MAPPED_FIELDS, type MappedField } from '#src/pipeline/map-attribution.ts'
import { urlWithoutUser } from './url-schema.ts'
import { durationMs, endpoint, sizeBytes, tenantId, text, textList, trueOrFalse, wholeNumber } from './value-schemas.ts'

export interface ConfigKey<Schema extends z.ZodType = z.ZodType> {
  readonly path: string
  readonly schema: Schema
  /** As one would write it. Absent = the value is left out where nobody gives one. */
  readonly fallback?: unknown
  /** What the reference page says it takes. */
  readonly form: string
  readonly about: string
  /** Shown masked everywhere. */
  readonly secret?: true
}

type Entry<Schema extends z.ZodType> = Omit<ConfigKey<Schema>, 'path' | 'fallback'>
interface Fallback {
  readonly fallback: unknown
}

const key = <Schema extends z.ZodType>(
  path: string,
  entry: Entry<Schema> & Fallback,
): ConfigKey<Schema> & Fallback => ({ path, ...entry })

/** Left out where nobody gives a value. */
const optional = <Schema extends z.ZodType>(path: string, entry: Entry<Schema>): ConfigKey<Schema> => ({
  path,
  ...entry,
})

const PATH = 'the path of a file'
/** An empty path is none, as a file that is filled in from the environment may have it. */
const file = (path: string, about: string) =>
  optional(path, { schema: z.string({ error: PATH }).transform((name) => name || undefined), form: 'path', about })
const size = (path: string, fallback: string, about: string) =>
  key(path, { schema: sizeBytes(), fallback, form: 'size', about })
const duration = (path: string, fallback: string, about: string) =>
  key(path, { schema: durationMs(), fallback, form: 'duration', about })
const flag = (path: string, about: string) =>
  key(path, { schema: trueOrFalse(), fallback: false, form: 'true or false', about })
const listen = (path: string, fallback: string, about: string) =>
  key(path, { schema: endpoint(), fallback, form: 'host:port', about })

const tls = (path: string) => ({
  certFile: file(`${path}.tls.cert_file`, 'PEM: the certificate, then those between it and its CA. Switches TLS on'),
  keyFile: file(`${path}.tls.key_file`, 'PEM: its private key'),
  clientCaFile: file(`${path}.tls.client_ca_file`, 'PEM: clients must show a certificate of this CA (mTLS)'),
  minVersion: key(`${path}.tls.min_version`, {
    schema: z.enum(['1.2', '1.3'], { error: '"1.2" or "1.3", in quotes' }),
    fallback: '1.2',
    form: '"1.2" or "1.3"',
    about: 'The oldest version that is spoken',
  }),
  tlsReload: duration(`${path}.tls.reload_interval`, '30s', 'How often the files are read again'),
  clientTenants: optional(`${path}.tls.client_tenants`, {
    schema: z.record(z.string(), tenantId(), { error: 'a map of names in certificates to tenant ids' }),
    form: 'map',
    about:
      'Tenants by a name in the client certificate, for senders without a token, such as `{ "URI:spiffe://acme/agent": acme }`',
  }),
})

const HTTP = 'receivers.otlp.protocols.http'
const GRPC = 'receivers.otlp.protocols.grpc'
const SERVER = `${GRPC}.keepalive.server_parameters`
const ORIGIN = /^(?:\*|https?:\/\/(?:\*\.)?[a-z0-9.-]+(?::\d{1,5})?)$/
const ORIGIN_FORM = 'an origin in lower case such as https://app.example.com, https://*.example.com, or *'
const REQUIRED_FIELDS = ['tenant', 'feature', 'workload', 'task', 'user'] as const
const CANDIDATE_TTL = '30d'
const MAPPED = Object.keys(MAPPED_FIELDS) as [MappedField, ...MappedField[]]

/** A name that carries content, or identifies a person, never reaches the log as it is. */
const mappedKey = () =>
  z
    .string({ error: 'an attribute key' })
    .refine(
      (name) => name !== '' && !['carrier', 'json_usage_carrier', 'user_id'].includes(classifyAttributeKey(name)),
      { error: 'an attribute key that neither carries content nor identifies a person' },
    )
const ENCODINGS = ['', 'gzip', 'zstd', 'deflate'] as const

export const CONFIG_KEYS = {
  walDirectory: optional('extensions.wal.directory', {
    schema: text(PATH),
    form: 'path',
    about: 'Where the log is; a directory of its own, on a local disk. Without it: `wal` in the data directory',
  }),
  walBytesMax: size(
    'extensions.wal.max_size',
    '8GiB',
    'All of the log; when it is full, senders are told to try again',
  ),
  walSegmentBytes: size('extensions.wal.segment_size', '64MiB', 'One file of the log'),
  walRetain: duration(
    'extensions.wal.retain_after_ack',
    '15m',
    'How long a file stays when the database has all of it',
  ),
  walReserveBytes: size('extensions.wal.emergency_reserve', '256MiB', 'Free space below which nothing more is taken'),
  tokensFile: file('extensions.tokens.file', 'Tokens of senders; switches them on. See `outlay tokens create`'),
  tokensHeader: key('extensions.tokens.header', {
    schema: z
      .string({ error: 'the name of a header' })
      .regex(/^[A-Za-z0-9-]+$/, { error: 'the name of a header' })
      .transform((name) => name.toLowerCase()),
    fallback: 'authorization',
    form: 'header name',
    about: 'Looked at before `authorization`; the same key in the metadata of gRPC',
  }),
  tokensReload: duration('extensions.tokens.reload_interval', '5s', 'How often the file is read again'),
  insecure: flag(
    'receivers.otlp.insecure_allow_unauthenticated',
    'Take spans from anyone beyond loopback, without tokens or client certificates. Every start warns',
  ),
  httpEndpoint: listen(`${HTTP}.endpoint`, '127.0.0.1:4318', 'OTLP/HTTP'),
  httpPath: key(`${HTTP}.traces_url_path`, {
    schema: z.string({ error: 'a path such as /v1/traces' }).regex(/^\/[^\s?#]*[^\s?#/]$/, {
      error: 'a path such as /v1/traces',
    }),
    fallback: '/v1/traces',
    form: 'path',
    about: 'Where traces are sent to',
  }),
  httpBodyBytesMax: size(`${HTTP}.max_request_body_size`, '64MiB', 'One request, on the wire and inflated'),
  httpEncodings: key(`${HTTP}.compression_algorithms`, {
    schema: z.array(z.enum(ENCODINGS, { error: 'one of "", gzip, zstd, deflate' }), { error: 'a list of encodings' }),
    fallback: [...ENCODINGS],
    form: 'list',
    about: 'Encodings of bodies that are taken; `""` is none',
  }),
  httpHeaderTimeout: duration(`${HTTP}.read_header_timeout`, '10s', 'For the headers of a request'),
  httpReadTimeout: duration(`${HTTP}.read_timeout`, '30s', 'For a whole request'),
  httpIdleTimeout: duration(`${HTTP}.idle_timeout`, '75s', "Of a connection; longer than the load balancer's"),
  corsOrigins: key(`${HTTP}.cors.allowed_origins`, {
    schema: z.array(z.string({ error: ORIGIN_FORM }).regex(ORIGIN, { error: ORIGIN_FORM }), {
      error: 'a list of origins',
    }),
    fallback: [],
    form: 'list',
    about: 'Pages of a browser that may send: `https://app.example.com`, `https://*.example.com` (one label), or `*`',
  }),
  corsHeaders: key(`${HTTP}.cors.allowed_headers`, {
    schema: textList('a list of headers'),
    fallback: [],
    form: 'list',
    about: 'Headers they may send beside `content-type`, `content-encoding` and `authorization`',
  }),
  corsMaxAge: key(`${HTTP}.cors.max_age`, {
    schema: wholeNumber(0, 86_400),
    fallback: 7_200,
    form: 'whole number',
    about: 'How long a browser may remember that, in seconds',
  }),
  http: tls(HTTP),
  grpcEndpoint: listen(`${GRPC}.endpoint`, '127.0.0.1:4317', 'OTLP/gRPC'),
  grpcMessageMib: key(`${GRPC}.max_recv_msg_size_mib`, {
    schema: wholeNumber(1, 1_024),
    fallback: 64,
    form: 'whole number',
    about: 'One request in MiB, on the wire and inflated',
  }),
  grpcStreamsMax: key(`${GRPC}.max_concurrent_streams`, {
    schema: wholeNumber(1, 100_000),
    fallback: 256,
    form: 'whole number',
    about: 'Requests at once on one connection',
  }),
  grpcAgeMax: duration(`${SERVER}.max_connection_age`, '10m', 'Then a connection ends, so that clients spread'),
  grpcAgeGrace: duration(`${SERVER}.max_connection_age_grace`, '30s', 'For the requests that are under way then'),
  grpcIdleMax: duration(`${SERVER}.max_connection_idle`, '5m', 'A connection without requests ends after that'),
  grpcPingEvery: duration(`${SERVER}.time`, '2m', 'A quiet connection is asked whether it still lives'),
  grpcPingTimeout: duration(`${SERVER}.timeout`, '20s', 'For its answer'),
  grpc: tls(GRPC),
  inFlightMib: key('processors.memory_limiter.limit_mib', {
    schema: wholeNumber(1, 1_048_576),
    fallback: limits.inFlightBytesMax / 2 ** 20,
    form: 'whole number',
    about: 'Requests in memory, in MiB, admitted before they are read; beyond it senders are told to try again',
  }),
  checkInterval: optional('processors.memory_limiter.check_interval', {
    schema: durationMs(),
    form: 'duration',
    about: 'Taken from configurations of a stock Collector: bytes are counted at every request, before they are read',
  }),
  spikeMib: optional('processors.memory_limiter.spike_limit_mib', {
    schema: wholeNumber(0, 1_048_576),
    form: 'whole number',
    about:
      'Taken from configurations of a stock Collector: bytes are admitted before they are read, so there are no spikes',
  }),
  redactMode: key('processors.redact.mode', {
    schema: z.enum(REDACT_MODES, { error: 'carriers, known_only or off' }),
    fallback: 'carriers',
    form: 'carriers, known_only or off',
    about:
      'carriers: what could be content goes; known_only: every attribute goes that Outlay does not know; off: **nothing goes**: prompts and outputs are written to the log, to `spans` and to the mirror, up to 4 KiB a value. Every start warns',
  }),
  redactExtraKeys: key('processors.redact.extra_keys', {
    schema: textList('a list of attribute keys'),
    fallback: [],
    form: 'list',
    about: 'More attributes that go',
  }),
  redactUnknownBytesMax: key('processors.redact.unknown_max_bytes', {
    schema: wholeNumber(0, limits.attributeValueBytesMax),
    fallback: limits.unknownAttributeBytesMax,
    form: 'whole number',
    about: 'Longest value of an unknown attribute that is kept, in bytes',
  }),
  redactKeepStatus: flag('processors.redact.keep_status_message', 'Keep the message of a status; it may quote content'),
  redactUserKey: optional('processors.redact.user_hash_key', {
    schema: text('a text'),
    form: 'text',
    about: 'Key of the hash for user ids that arrive in the clear; without it they are dropped. Write `${env:NAME}`',
    secret: true,
  }),
  quietPeriod: duration(
    'processors.genai.quiet_period',
    '60s',
    'A trace settles when nothing of it came for that long',
  ),
  openMax: duration('processors.genai.max_open', '10m', 'A trace settles after that even if more keeps coming'),
  candidateTtl: key('processors.genai.candidate_ttl', {
    schema: durationMs().refine((ms) => ms === limits.candidateTtlMs, {
      error: `${CANDIDATE_TTL}: what is closed stays closed`,
    }),
    fallback: CANDIDATE_TTL,
    form: CANDIDATE_TTL,
    about: 'A trace closes that long after its first span; the same for every collector of a ledger',
  }),
  attributionMap: key('processors.attribution.map', {
    schema: z.partialRecord(z.enum(MAPPED), z.array(mappedKey(), { error: 'a list of attribute keys' }).min(1), {
      error: `a map of ${MAPPED.join(', ')} to lists of attribute keys`,
    }),
    fallback: {},
    form: 'map',
    about:
      'Attribution under names of your own, the first one goes first: `{ feature: [app.feature], tenant: [app.customer] }`. What a span says under our names goes before. A user cannot be mapped: send `user.id`',
  }),
  require: key('processors.attribution.require', {
    schema: z.array(z.enum(REQUIRED_FIELDS, { error: `one of ${REQUIRED_FIELDS.join(', ')}` }), {
      error: 'a list of fields',
    }),
    fallback: ['tenant', 'feature', 'workload'],
    form: 'list',
    about: 'What a call must say of itself; with tokens it is always the tenant as well',
  }),
  onMissing: key('processors.attribution.on_missing', {
    schema: z.enum(['quarantine'], { error: 'quarantine' }),
    fallback: 'quarantine',
    form: 'quarantine',
    about: 'What happens to a call without one of them: kept beside the ledger, counted, not billed',
  }),
  clickhouseEndpoint: optional('exporters.clickhouse.endpoint', {
    schema: z.url({ protocol: /^https?$/, error: 'a URL such as http://127.0.0.1:8123' }),
    form: 'URL',
    about: 'HTTP interface of the ClickHouse server. Without it: `CLICKHOUSE_URL`, else the embedded engine',
  }),
  clickhouseUser: optional('exporters.clickhouse.username', {
    schema: text('a text'),
    form: 'text',
    about: 'Without it: `CLICKHOUSE_USER`, else `default`',
  }),
  clickhousePassword: optional('exporters.clickhouse.password', {
    schema: z.string({ error: 'a text' }),
    form: 'text',
    about: 'Without it: `CLICKHOUSE_PASSWORD`. Write `${env:NAME}`',
    secret: true,
  }),
  clickhouseTimeout: key('exporters.clickhouse.timeout', {
    schema: durationMs().refine((ms) => ms >= 1_000 && ms <= limits.insertAttemptMs, { error: '1s to 120s' }),
    fallback: '120s',
    form: 'duration',
    about: 'For one attempt to insert, 1s to 120s; then the same block is sent again',
  }),
  inFlight: key('exporters.clickhouse.in_flight_per_table', {
    schema: wholeNumber(1, 16),
    fallback: 2,
    form: 'whole number',
    about: 'Blocks in doubt per table, at most. This version sends one after the other',
  }),
  fsync: key('exporters.clickhouse.fsync_after_insert', {
    schema: z.literal(true, { error: 'true' }),
    fallback: true,
    form: 'true',
    about: 'Every insert is fsynced: a setting of the tables',
  }),
  database: key('exporters.clickhouse.database', {
    schema: z.string({ error: 'a name of letters, digits and _' }).regex(/^[A-Za-z_][A-Za-z0-9_]*$/, {
      error: 'a name of letters, digits and _',
    }),
    fallback: 'outlay',
    form: 'name',
    about: 'Database of the ledger',
  }),
  mirrorEndpoint: optional('exporters.otlp_http.endpoint', {
    schema: urlWithoutUser('https://traces.internal:4318'),
    form: 'URL',
    about:
      'Mirror: another OTLP backend that gets the same spans, without content unless `redact.mode` is off. `/v1/traces` is added. It is never followed to another place',
  }),
  mirrorTracesEndpoint: optional('exporters.otlp_http.traces_endpoint', {
    schema: urlWithoutUser('https://traces.internal:4318/v1/traces'),
    form: 'URL',
    about: 'The same with its whole path, in place of `endpoint`',
  }),
  mirrorHeaders: key('exporters.otlp_http.headers', {
    schema: z.record(z.string().regex(/^[A-Za-z0-9-]+$/), z.string(), { error: 'a map of headers to texts' }),
    fallback: {},
    form: 'map',
    about: 'Headers of its requests, such as `{ authorization: "Bearer ${env:TRACES_TOKEN}" }`',
    secret: true,
  }),
  mirrorCompression: key('exporters.otlp_http.compression', {
    schema: z.enum(['gzip', 'none'], { error: 'gzip or none' }),
    fallback: 'gzip',
    form: 'gzip or none',
    about: 'Of its requests',
  }),
  mirrorTimeout: duration('exporters.otlp_http.timeout', '10s', 'For one of its requests; then it is sent again'),
  mirrorLagMax: size(
    'exporters.otlp_http.max_lag',
    '1GiB',
    'What may wait in the log for it; beyond that it skips ahead and counts. At most half of the log',
  ),
  extensions: optional('service.extensions', {
    schema: z.array(z.enum(['wal', 'tokens'], { error: 'wal or tokens' }), { error: 'a list of extensions' }),
    form: 'list',
    about: 'Extensions that are on: `wal` always, `tokens` if it is configured',
  }),
  drainDelay: duration('service.drain_delay', '5s', 'After SIGTERM: not ready, but taking requests. Not after Ctrl-C'),
  adminEndpoint: listen('service.telemetry.metrics.endpoint', '127.0.0.1:4319', 'Web panel, metrics and health'),
  adminInsecure: flag(
    'service.telemetry.metrics.insecure_allow_unauthenticated',
    'Show panel and metrics to anyone beyond loopback: they know no tokens. Every start warns',
  ),
  logLevel: key('service.telemetry.logs.level', {
    schema: z.enum(['debug', 'info', 'warn', 'error'], { error: 'debug, info, warn or error' }),
    fallback: 'info',
    form: 'debug, info, warn or error',
    about: 'The least of what is said on stderr',
  }),
  logEncoding: key('service.telemetry.logs.encoding', {
    schema: z.enum(['console', 'json'], { error: 'console or json' }),
    fallback: 'console',
    form: 'console or json',
    about: 'console: a line for people; json: one object a line with time, level and message',
  }),
  pipelines: key('service.pipelines', {
    schema: z.record(
      z.string(),
      z.strictObject({
        receivers: textList('a list of receivers'),
        processors: textList('a list of processors'),
        exporters: textList('a list of exporters'),
      }),
      { error: 'a map of pipelines' },
    ),
    fallback: {
      traces: {
        receivers: ['otlp'],
        processors: ['memory_limiter', 'redact', 'genai', 'attribution'],
        exporters: ['clickhouse'],
      },
    },
    form: 'map',
    about:
      '`otlp` → `memory_limiter`, `redact`, `genai`, `attribution` → `clickhouse`, in this order; and, for a mirror, a second one named `traces/…`: `otlp` → `memory_limiter`, `redact` → `otlp_http`',
  }),
} as const

/** A branch of keys has the values of its keys. */
type ValuesOf<Keys> = {
  readonly [Name in keyof Keys]: Keys[Name] extends ConfigKey<infer Schema>
    ? Keys[Name] extends Fallback
      ? z.output<Schema>
      : z.output<Schema> | undefined
    : ValuesOf<Keys[Name]>
}
export type ConfigValues = ValuesOf<typeof CONFIG_KEYS>

export const isConfigKey = (value: object): value is ConfigKey => 'schema' in value

/** All of them, in the order of the file. */
export const configKeys: readonly ConfigKey[] = Object.values(CONFIG_KEYS).flatMap(
  (entry: object): readonly ConfigKey[] =>
    isConfigKey(entry) ? [entry] : (Object.values(entry) as readonly ConfigKey[]),
)
