/** docs/acceptance.md: every id of the list once, and no test named that is not there. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/acceptance.md'), 'utf8')
const GROUPS = { P: 15, F: 18, L: 8, D: 10, S: 9, E: 8 }
const rows = page.split('\n').flatMap((line) => {
  const [, id, , proven = '', missing = ''] = line.split(/(?<!\\)\|/).map((cell) => cell.trim())
  return /^[A-Z]\d+$/.test(id ?? '') ? [{ id, proven, missing }] : []
})

test('names every id of the list, each once, with a proof or what is missing', () => {
  const ids = Object.entries(GROUPS).flatMap(([group, count]) =>
    Array.from({ length: count }, (_, index) => `${group}${index + 1}`),
  )
  expect(rows.map(({ id }) => id)).toEqual(ids)
  expect(rows.filter(({ proven, missing }) => proven === '—' && missing === '–')).toEqual([])
})

test('names only files that exist, and names of tests that stand in them', () => {
  const wrong: string[] = []
  for (const [, file = '', names = ''] of page.matchAll(/`([\w./-]+\.test\.ts)`((?:,? "[^"]+")*)/g)) {
    const path = join(root, file)
    const text = existsSync(path) ? readFileSync(path, 'utf8').replaceAll("\\'", "'") : ''
    if (text === '') wrong.push(file)
    for (const [, name = ''] of names.matchAll(/"([^"]+)"/g)) if (!text.includes(name)) wrong.push(`${file}: ${name}`)
  }
  expect(wrong).toEqual([])
})
