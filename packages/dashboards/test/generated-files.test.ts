import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { buildFiles } from '../src/build.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const files = buildFiles()

describe('deploy/grafana and deploy/config/bands.yaml', () => {
  test.each([...files.keys()])('%s is what the code generates (else: npm run generate)', (path) => {
    expect(readFileSync(`${root}${path}`, 'utf8')).toBe(files.get(path))
  })

  test('hold no file that the code does not generate', () => {
    const committed = readdirSync(`${root}deploy/grafana`, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => `${entry.parentPath}/${entry.name}`.slice(root.length))
    expect(committed.sort()).toEqual([...files.keys()].filter((path) => path.startsWith('deploy/grafana/')).sort())
  })

  test('are the same on every run, with LF line ends', () => {
    expect([...buildFiles()]).toEqual([...files])
    for (const text of files.values()) expect(text).not.toContain('\r')
  })
})
