import { expect, test } from 'vitest'
import { OutlayError } from '@outlay/core'
import { parseDriftWaivers } from '#src/index.ts'

const parse = (text: string) => parseDriftWaivers({ file: 'waivers.yaml', text })

const refusalOf = (text: string): string => {
  try {
    parse(text)
  } catch (error) {
    if (error instanceof OutlayError && error.code === 'E_WAIVERS') return error.message
    throw error
  }
  return ''
}

test('a waiver names a difference, its reason and its last day; figures lose their trailing zeros', () => {
  const waivers = parse(`format: outlay-drift-waivers/1
waivers:
- {provider: anthropic, model: claude-3-haiku, meter: cache_write_1h, ours: "0.50", theirs: "6.00", reason: known defect, until: 2027-01-31}
- provider: aws
  region: regional
  reason: lists the global price
  until: "2026-12-31"
`)
  expect(waivers).toEqual([
    {
      provider: 'anthropic',
      model: 'claude-3-haiku',
      meter: 'cache_write_1h',
      ours: '0.5',
      theirs: '6',
      reason: 'known defect',
      until: '2027-01-31',
    },
    { provider: 'aws', region: 'regional', reason: 'lists the global price', until: '2026-12-31' },
  ])
})

test('everything that is wrong with a file is said at once, each with its line', () => {
  const message = refusalOf(`format: outlay-drift-waivers/1
waivers:
- {provider: acme, meter: inptu, reason: x, until: 2027-01-31}
- {provider: acme, tier: bacth, reason: x, until: 2027-02-30}
- {provider: acme, ours: 0.5, reason: "", until: 2027-01-31}
- {provder: acme, reason: x, until: 2027-01-31}
- {provider: acme, reason: twice, until: 2027-01-31}
- {provider: acme, reason: twice, until: 2027-01-31}
`)
  expect(message.split('\n')).toHaveLength(9)
  expect(message).toMatch(/waivers.yaml:3 E_UNKNOWN_METER no meter "inptu", did you mean "input"/)
  expect(message).toMatch(/waivers.yaml:4 E_UNKNOWN_TIER no tier "bacth", did you mean "batch"/)
  expect(message).toMatch(/waivers.yaml:4 E_FORMAT until/)
  expect(message).toMatch(/waivers.yaml:5 \w+ .*ours/)
  expect(message).toMatch(/waivers.yaml:5 E_FORMAT reason/)
  expect(message).toMatch(/waivers.yaml:6 E_UNKNOWN_KEY no key "provder", did you mean "provider"/)
  expect(message).toMatch(/waivers.yaml:8 E_CONFLICT/)
})

test.each([
  ['no YAML', 'waivers: ['],
  ['another format', 'format: outlay-prices/1\nwaivers: []\n'],
])('%s is refused', (_, text) => {
  expect(refusalOf(text)).not.toBe('')
})
