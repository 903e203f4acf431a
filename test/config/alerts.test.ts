/** Alert rules name what a collector registers: read from a real one, whose database is away. */
import { connect } from '@outlay/clickhouse'
import { startCollector } from '@outlay/collector'
import { loadPackagedBook } from '@outlay/pricing'
import { tempDir } from '@outlay/testkit'
import { beforeAll, describe, expect, test } from 'vitest'
import { readText, readYaml } from './read-yaml.ts'

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly labels: { readonly severity: string }
  readonly annotations: Readonly<Record<string, string>>
}

const PATH = 'deploy/prometheus/outlay-alerts.yaml'
const { groups } = readYaml(PATH) as {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[]
}
const rules = groups.flatMap((group) => group.rules)
const metricsOf = (expr: string): readonly string[] => expr.match(/\boutlay_\w+/g) ?? []

/** Type of every metric of `/metrics`, by name. */
const types = new Map<string, string>()

beforeAll(async () => {
  const directory = tempDir()
  const client = connect({ url: 'http://127.0.0.1:1', username: 'nobody', password: '', database: 'default' })
  const collector = await startCollector({
    client,
    database: 'outlay',
    walDirectory: `${directory.path}/wal`,
    book: loadPackagedBook(),
    http: { host: '127.0.0.1', port: 0 },
  })
  try {
    for (const [, name = '', type = ''] of (await collector.metrics()).matchAll(/^# TYPE (\w+) (\w+)$/gm))
      types.set(name, type)
  } finally {
    await collector.close()
    await client.close()
    directory.remove()
  }
})

const typeOf = (metric: string): string | undefined => {
  const own = types.get(metric)
  if (own !== undefined) return own
  const base = metric.replace(/_bucket$/, '')
  return types.get(base) === 'histogram' ? 'bucket' : undefined
}

describe('deploy/prometheus/outlay-alerts.yaml', () => {
  test('has a rule for everything that a collector should alert about, each once', () => {
    expect(rules.map(({ alert }) => alert)).toEqual([
      'OutlayCollectorAbsent',
      'OutlayLogFailed',
      'OutlayLogFilling',
      'OutlayLogNotDrained',
      'OutlayQuarantine',
      'OutlayLostRecords',
      'OutlayWriterHeld',
      'OutlayInDoubtTooLong',
      'OutlayNoSpans',
      'OutlaySlowAck',
    ])
  })

  test.each(rules)('$alert asks only for what a collector registers', ({ expr, annotations }) => {
    const metrics = metricsOf(expr)
    expect(metrics).not.toEqual([])
    expect(metrics.filter((metric) => typeOf(metric) === undefined)).toEqual([])
    // Also the metrics that its text sends a reader to.
    expect(metricsOf(Object.values(annotations).join(' ')).filter((metric) => typeOf(metric) === undefined)).toEqual([])
  })

  test.each(rules)('$alert takes rates of counters and levels of gauges', ({ expr }) => {
    const rated = [...expr.matchAll(/(?:increase|rate)\((outlay_\w+)/g)].map(([, metric = '']) => metric)
    for (const metric of rated)
      expect([metric, typeOf(metric)]).toEqual([metric, expect.stringMatching(/^(counter|bucket)$/)])
    for (const metric of metricsOf(expr).filter((name) => typeOf(name) === 'bucket')) expect(rated).toContain(metric)
  })

  test.each(rules)('$alert closes its brackets, says how bad it is, what is wrong and what to do', (rule) => {
    const count = (sign: string): number => rule.expr.split(sign).length
    expect(count('(')).toBe(count(')'))
    expect(rule.labels.severity).toMatch(/^(warning|critical)$/)
    expect(Object.keys(rule.annotations)).toEqual(['summary', 'description'])
  })

  test('uses only labels that the metrics have, beside those of a scrape', () => {
    const labels = [...readText(PATH).matchAll(/by \(([^)]+)\)/g)].flatMap(([, list = '']) => list.split(', '))
    expect(new Set(labels)).toEqual(new Set(['instance', 'consumer', 'reason', 'table', 'transport', 'le']))
  })
})
