import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PROBLEM_CODES } from '@outlay/pricing'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const CODE = /(?<![A-Z0-9_])E_[A-Z_]+/g

/** Every code in the sources, with the packages that name it. */
const packagesByCode = new Map<string, Set<string>>()
for (const name of readdirSync(join(root, 'packages'))) {
  const directory = join(root, 'packages', name, 'src')
  for (const file of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue
    for (const [code] of readFileSync(join(directory, file), 'utf8').matchAll(CODE)) {
      packagesByCode.set(code, (packagesByCode.get(code) ?? new Set()).add(name))
    }
  }
}

const rows = readFileSync(join(root, 'docs/reference/errors.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `E_'))
  .map((line) => {
    const [code = '', owner = '', meaning = '', remedy = ''] = line
      .slice(1)
      .split('|')
      .map((cell) => cell.trim())
    return { code: code.replaceAll('`', ''), owner, meaning, remedy }
  })

describe('the page of error codes', () => {
  test('lists every code of the sources once, and no other', () => {
    expect(rows.map(({ code }) => code).toSorted()).toEqual([...packagesByCode.keys()].toSorted())
  })

  test('names a package whose sources hold the code, what it means and what to do', () => {
    const wrong = rows.filter(
      ({ code, owner, meaning, remedy }) => !packagesByCode.get(code)?.has(owner) || meaning === '' || remedy === '',
    )
    expect(wrong).toEqual([])
  })

  test('says of a problem in a price book what the compiler says', () => {
    const meanings = Object.fromEntries(rows.map(({ code, meaning }) => [code, meaning]))
    expect(meanings).toMatchObject(PROBLEM_CODES)
  })
})
