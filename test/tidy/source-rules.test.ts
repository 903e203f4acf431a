import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const LINES_MAX = 400
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => /\.(ts|mts|mjs|sql)$/.test(file) && !file.includes('/fixtures/'))
const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const withMatch = (pattern: RegExp, files = tracked): readonly string[] =>
  files.filter((file) => pattern.test(read(file)))

const itself = 'test/tidy/source-rules.test.ts'
const others = tracked.filter((file) => file !== itself)
const sources = others.filter((file) => /^packages\/[a-z-]+\/src\//.test(file))

describe('the source', () => {
  test('holds no postponed work', () => {
    expect(withMatch(/\b(TODO|FIXME|HACK|XXX)\b/, others)).toEqual([])
  })

  test('has no skipped or focused test', () => {
    expect(withMatch(/\b(test|it|describe)\.(only|skip|todo)\b/, others)).toEqual([])
  })

  test('keeps every file within its size', () => {
    expect(others.filter((file) => read(file).split('\n').length > LINES_MAX)).toEqual([])
  })

  test('touches the process only in main files', () => {
    const free = sources.filter((file) => !file.endsWith('/main.ts'))
    expect(withMatch(/\bprocess\.(exit|env|on)\b/, free)).toEqual([])
  })

  test('names no path of one machine', () => {
    expect(withMatch(/(['"`\s])\/(work|root|home)\//, others)).toEqual([])
  })
})
