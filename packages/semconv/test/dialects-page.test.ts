import { readFileSync } from 'node:fs'
import { DIALECT_RULES, QUALITY_FLAGS } from '@outlay/semconv'
import { describe, expect, test } from 'vitest'
import { buildDialectsPage } from '../scripts/dialects-page.ts'

const committed = readFileSync(new URL('../../../docs/reference/dialects.md', import.meta.url), 'utf8')

describe('the page of the dialects', () => {
  test('is what the tables generate (else: npm run generate)', () => {
    expect(committed).toBe(buildDialectsPage())
  })

  test('has every rule with its revision, and every flag', () => {
    const named = [...DIALECT_RULES.map(({ id, rev }) => `${id}@${rev}`), ...QUALITY_FLAGS]
    expect(named.filter((name) => !committed.includes(`| \`${name}\` |`))).toEqual([])
  })

  test('has no row with another number of cells than its head', () => {
    const cells = (row: string): number => row.replaceAll('\\|', '').split('|').length
    for (const block of committed.split('\n\n').filter((text) => text.startsWith('|'))) {
      const [head = '', ...rows] = block.trimEnd().split('\n')
      expect(rows.filter((row) => cells(row) !== cells(head))).toEqual([])
    }
  })
})
