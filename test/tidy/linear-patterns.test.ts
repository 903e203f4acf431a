/** S8: no pattern over input is slow. Every one in the source of what reads input is measured with texts made to hurt it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const packages = join(import.meta.dirname, '../../packages')
/** They read what senders, browsers and files of others say. */
const READERS = ['core', 'semconv', 'collector', 'clickhouse', 'embedded-clickhouse', 'panel', 'pricing']

interface Found {
  readonly file: string
  readonly pattern: RegExp
}

/** A literal of a pattern stands where a value may: after an opening, a comma, an operator or a word such as return. */
const LITERAL =
  /(?<=(?:^|[=(,:!&|?{};[>]|return)\s*)\/(?![*/])((?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+)\/([dgimsuvy]*)/gm

const patternsOf = (directory: string): readonly Found[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => {
      const text = readFileSync(join(directory, file), 'utf8').replaceAll(/^\s*(?:\/\/|\*|\/\*).*$/gm, '')
      return [...text.matchAll(LITERAL)].map(([, source = '', flags = '']) => ({
        file,
        pattern: new RegExp(source, flags.replaceAll(/[gy]/g, '')),
      }))
    })

/** Slow where texts are long, and only ever over short ones of our own, or a file of the operator. */
const OVER_OWN_TEXT: readonly string[] = [
  'core/money.ts: 0+$ over "0"',
  'core/money.ts: 0+$ over "0"',
  'core/money.ts: \\B(?=(\\d{3})+$) over "0"',
  'collector/config/collector-settings-of.ts: \\/+$ over "/"',
  'collector/config/units.ts: (\\d+(?:\\.\\d+)?)(ms|s|m|h|d) over "0"',
  'panel/shared/format-figure.ts: \\B(?=(\\d{3})+$) over "0"',
  'pricing/feed/compile-catalogue.ts: ^\\s*"?band_edges"?\\s*: over "\\n"',
  'pricing/reconcile/csv-table.ts: ^[\\r\\n]+|[\\r\\n]+$ over "\\n"',
]

/** What is repeated: every sign of the pattern, one of each class, and pairs of them. */
const pumpsOf = ({ source }: RegExp): readonly string[] => {
  const own = source.replaceAll(/\\[a-zA-Z]|[\\()[\]{}|^$?+*]/g, '')
  const signs = [...new Set(`a0 \n-_."${own}`.split(''))].slice(0, 24)
  const pairs = signs.slice(0, 8).flatMap((one) => signs.slice(0, 8).map((other) => one + other))
  return [...signs, ...pairs]
}

/** Signs that end a repetition without a match, or come before one. */
const ENDS = ['', '\u0000', '!']
const LENGTH = 8_000
/** A walk along so many signs takes far less; one for every pair of them far more. */
const SLOW_MS = 12
const ATTEMPTS = 3

const MICROSECONDS_PER_MS = 1_000

/** Of this thread's own work, whatever else the machine does. */
const millisecondsOf = (pattern: RegExp, text: string): number => {
  const before = process.threadCpuUsage()
  pattern.exec(text)
  return process.threadCpuUsage(before).user / MICROSECONDS_PER_MS
}

/** Now and then a collection falls into it: what is slow is slow every time. */
const isSlow = (pattern: RegExp, text: string): boolean => {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) if (millisecondsOf(pattern, text) < SLOW_MS) return false
  return true
}

const slowTextOf = (pattern: RegExp): string | undefined =>
  pumpsOf(pattern).find((pump) => {
    const pumped = pump.repeat(LENGTH / pump.length)
    return ENDS.some((end) => isSlow(pattern, `${pumped}${end}`) || isSlow(pattern, `${end}${pumped}!`))
  })

test('every pattern over input takes time in proportion to it', () => {
  const found = READERS.flatMap((name) =>
    patternsOf(join(packages, name, 'src')).map(({ file, pattern }) => ({ file: `${name}/${file}`, pattern })),
  )
  const slow = found.flatMap(({ file, pattern }) => {
    const text = slowTextOf(pattern)
    return text === undefined ? [] : [`${file}: ${pattern.source} over ${JSON.stringify(text)}`]
  })
  expect(found.length).toBeGreaterThan(200)
  expect(slow.toSorted()).toEqual([...OVER_OWN_TEXT].toSorted())
})
