import { readdirSync } from 'node:fs'
import {
  ANTHROPIC,
  CONTENT_CARRIERS,
  GEN_AI,
  KNOWN_KEY_PREFIXES,
  KNOWN_KEYS,
  OPENAI,
  OUTLAY,
  STANDARD,
  USAGE_JSON_SUBTREES,
} from '@outlay/semconv'
import { describe, expect, test } from 'vitest'
import { declaredComponents, mergeConfigs, referencedComponents } from './collector-config.ts'
import { pathOf, readText } from './read-yaml.ts'

const SETS = { gateway: ['redaction.yaml', 'gateway.yaml'] } as const
const gateway = mergeConfigs(SETS.gateway)

interface Strip {
  readonly error_mode: string
  readonly trace_statements: readonly { readonly context: string; readonly statements: readonly string[] }[]
}
const strip = gateway.processors?.['transform/strip'] as Strip
const secrets = gateway.processors?.['redaction/secrets'] as { allow_all_keys: boolean; blocked_values: string[] }

/** The pattern of `keep_matching_keys(<context>.attributes, "…")`. */
const patternFor = (context: string): RegExp => {
  const statements = strip.trace_statements.find((group) => group.context === context)?.statements ?? []
  const [, pattern] =
    statements.map((text) => /^keep_matching_keys\(\w+[.]attributes, "(.+)"\)$/s.exec(text)).find(Boolean) ?? []
  return new RegExp(pattern ?? '(?!)')
}

const CONTEXTS = ['span', 'resource', 'spanevent'] as const
const isKept = (key: string): boolean => CONTEXTS.some((context) => patternFor(context).test(key))

describe('the files of collector-config', () => {
  test('are one YAML document each, and each belongs to a set', () => {
    const files = readdirSync(pathOf('collector-config')).filter((file) => file.endsWith('.yaml'))
    expect(files.sort()).toEqual([...new Set(Object.values(SETS).flat())].sort())
  })

  test('name no deprecated alias and only components of the stock distributions', () => {
    const types = declaredComponents(gateway).map((component) => component.replace(/[/].*$/, ''))
    expect(types.sort()).toEqual([
      'exporters otlp_http',
      'extensions file_storage',
      'extensions health_check',
      'processors filter',
      'processors memory_limiter',
      'processors redaction',
      'processors transform',
      'receivers otlp',
    ])
  })

  test('read only the variables that the README names', () => {
    const read = SETS.gateway.flatMap((file) =>
      [...readText(`collector-config/${file}`).matchAll(/[$][{]env:(\w+)/g)].map(([, name]) => name),
    )
    const readme = readText('collector-config/README.md')
    for (const name of read) expect(readme).toContain(`export ${name}=`)
    expect(new Set(read)).toEqual(new Set(['OUTLAY_ENDPOINT', 'OUTLAY_TOKEN']))
  })
})

describe('the gateway set', () => {
  test('declares every component that it refers to, and uses every one that it declares', () => {
    expect([...new Set(referencedComponents(gateway))].sort()).toEqual(declaredComponents(gateway).sort())
  })

  test('does not start without the redaction fragment', () => {
    const alone = mergeConfigs(['gateway.yaml'])
    const missing = referencedComponents(alone).filter((component) => !declaredComponents(alone).includes(component))
    expect(missing).toEqual(['processors filter/noise', 'processors transform/strip', 'processors redaction/secrets'])
    expect(mergeConfigs(['redaction.yaml'])).not.toHaveProperty('service')
  })

  test('carries traces only: limiter first, then filter, strip and secrets, and no batch processor', () => {
    expect(gateway.service?.pipelines).toEqual({
      'traces/outlay': {
        receivers: ['otlp'],
        processors: ['memory_limiter', 'filter/noise', 'transform/strip', 'redaction/secrets'],
        exporters: ['otlp_http/outlay'],
      },
    })
  })

  test('keeps what it has accepted: fsynced disk queue, batches within it, retries without end', () => {
    const exporter = gateway.exporters?.['otlp_http/outlay'] as {
      retry_on_failure: { enabled: boolean; max_elapsed_time: number }
      sending_queue: { sizer: string; queue_size: number; batch: { min_size: number; max_size: number } }
    }
    expect(gateway.extensions?.['file_storage/outlay']).toMatchObject({ fsync: true, create_directory: true })
    expect(exporter.retry_on_failure).toMatchObject({ enabled: true, max_elapsed_time: 0 })
    // One unit for all three: without a sizer of its own a batch counts as the queue does.
    const { sizer, queue_size, batch } = exporter.sending_queue
    expect(sizer).toBe('items')
    expect(batch).not.toHaveProperty('sizer')
    expect(batch.min_size).toBeLessThanOrEqual(batch.max_size)
    expect(batch.min_size).toBeLessThanOrEqual(queue_size)
  })
})

describe('the strip', () => {
  test('fails closed, while the filter before it fails open', () => {
    expect(strip.error_mode).toBe('propagate')
    expect(gateway.processors?.['filter/noise']).toMatchObject({ error_mode: 'ignore' })
  })

  test('empties the status message', () => {
    const span = strip.trace_statements.find(({ context }) => context === 'span')
    expect(span?.statements).toContain('set(span.status.message, "") where span.status.message != ""')
  })

  const named = [OUTLAY, GEN_AI, ANTHROPIC, OPENAI, STANDARD].flatMap((names) => Object.values(names))
  const onResource = new Set<string>([STANDARD.SERVICE_NAME, STANDARD.DEPLOYMENT_ENVIRONMENT_NAME])

  test.each(named.filter((key) => !onResource.has(key)))('keeps %s on spans', (key) => {
    expect(patternFor('span').test(key)).toBe(true)
  })

  test('keeps what names the service and its environment on resources', () => {
    for (const key of onResource) expect(patternFor('resource').test(key)).toBe(true)
  })

  test.each(CONTENT_CARRIERS)('drops %s everywhere', (carrier) => {
    // A star stands for any text; a known key may live under one, as gen_ai.prompt.version does.
    const samples = ['', '.0.content', 'x'].map((text) => carrier.replaceAll('*', text))
    for (const context of CONTEXTS) {
      const kept = samples.filter((key) => patternFor(context).test(key) && !KNOWN_KEYS.includes(key))
      expect(kept).toEqual([])
    }
  })

  test('drops keys that nobody reads', () => {
    for (const key of [
      'gen_ai.usage',
      'outlay.',
      'xgen_ai.request.model',
      'gen_ai.request.model.x',
      'prompt',
      'messages',
    ]) {
      expect([key, patternFor('span').test(key)]).toEqual([key, false])
    }
  })

  test('keeps every other key and family that Outlay reads', () => {
    // Evidence that no rule reads; and a family that only an operator's own map would read (README).
    const unread = new Set(['http.request.method', 'langfuse.trace.metadata.x'])
    const keys = [...KNOWN_KEYS, ...KNOWN_KEY_PREFIXES.map((prefix) => `${prefix}x`)]
    expect(keys.filter((key) => !isKept(key) && !unread.has(key))).toEqual([])
  })

  test('drops the carriers that hide usage beside content, as its comment says, and keeps the other JSON ones', () => {
    const withUsage = Object.entries(USAGE_JSON_SUBTREES).filter(([, subtrees]) => subtrees.length > 0)
    const dropped = withUsage.map(([key]) => key).filter((key) => !isKept(key))
    expect(new Set(dropped)).toEqual(
      new Set(['ai.response.providerMetadata', 'gcp.vertex.agent.llm_response', 'genkit:output']),
    )
    for (const key of [...dropped, 'mlflow.spanOutputs']) {
      expect(readText('collector-config/redaction.yaml')).toContain(key)
    }
  })
})

describe('regular expressions', () => {
  const patterns = [...CONTEXTS.map((context) => patternFor(context).source), ...secrets.blocked_values]

  test.each(patterns)('are RE2: no look-around, no back-reference, no atomic group (%#)', (pattern) => {
    expect(pattern).not.toMatch(/[(][?](?!:)|\\[1-9]|\\k<|[+*?}][+]/)
  })

  test('of the allow-list cover whole keys', () => {
    for (const context of CONTEXTS) {
      const { source } = patternFor(context)
      expect([source.startsWith('^('), source.endsWith(')$')]).toEqual([true, true])
    }
  })

  test('of the secrets mask keys of providers and leave model names and ids alone', () => {
    const masks = (value: string): boolean => secrets.blocked_values.some((pattern) => new RegExp(pattern).test(value))
    expect(secrets.allow_all_keys).toBe(true)
    for (const value of [
      `sk-${'a'.repeat(24)}`,
      'eyJhbGciOi.eyJzdWIi.c2ln',
      `AKIA${'A1'.repeat(8)}`,
      `ghp_${'a'.repeat(36)}`,
    ]) {
      expect([value, masks(value)]).toEqual([value, true])
    }
    for (const value of [
      'claude-opus-5',
      'gpt-5',
      'h_0123456789abcdef',
      'task-1',
      'resp_0123456789abcdef0123456789',
      'acme',
    ]) {
      expect([value, masks(value)]).toEqual([value, false])
    }
  })
})
