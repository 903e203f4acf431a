import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { KPI_VIEWS, readMigrations, readViews, renderSql, type SqlFile, VIEW_PARAMETERS } from '@outlay/clickhouse'
import { describe, expect, test } from 'vitest'

const checksumsIn = (file: string): Record<string, string> =>
  JSON.parse(
    readFileSync(join(import.meta.dirname, '../../packages/clickhouse/sql/migrations', file), 'utf8'),
  ) as Record<string, string>
const frozen = checksumsIn('checksums.json')
const retired = checksumsIn('retired.json')

describe('migrations', () => {
  test('are frozen: a change goes into a new one', () => {
    expect(Object.fromEntries(readMigrations().map(({ name, checksum }) => [name, checksum]))).toEqual(frozen)
  })

  test('each have a cluster form with replicated engines', () => {
    for (const { template } of readMigrations()) {
      const statement = renderSql(template, { database: 'outlay', cluster: 'main' })
      expect(statement).toContain("ON CLUSTER 'main'")
      expect(statement).not.toMatch(/ENGINE = (Aggregating|Replacing)?MergeTree/)
    }
  })

  test('take no name that a retired one had', () => {
    const names = readMigrations().map(({ name }) => name)
    expect(names.filter((name) => name in retired)).toEqual([])
  })

  const isAlter = ({ template }: SqlFile): boolean => /ALTER TABLE .*\n\s+(ADD|MODIFY) COLUMN/.test(template)
  const tables = (): SqlFile[] => readMigrations().filter((file) => file.template.includes('CREATE TABLE'))

  test.each(readMigrations().filter(isAlter))('$name comments every column that it adds or changes', ({ template }) => {
    const changed = template.split('\n').filter((line) => /^\s+(ADD|MODIFY) COLUMN /.test(line))
    expect(changed).not.toEqual([])
    // A codec alone leaves the comment as it is.
    expect(changed.filter((line) => !/COMMENT '|^\s+MODIFY COLUMN \w+ CODEC/.test(line))).toEqual([])
  })

  test('comment every table and every column', () => {
    for (const { name, template } of tables()) {
      const statement = renderSql(template, { database: 'outlay' })
      const columns = statement.slice(statement.indexOf('(\n') + 2, statement.indexOf('\n)\nENGINE')).split('\n')
      const bare = columns.filter((line) => line.trim() !== '' && !/COMMENT '|^\s+(INDEX|CONSTRAINT) /.test(line))
      expect({ name, bare }).toEqual({ name, bare: [] })
      expect(statement).toMatch(/\nCOMMENT '/)
    }
  })
})

describe('the view registry', () => {
  test.each(KPI_VIEWS.map(({ name }) => name))('%s takes exactly the parameters that its SQL reads', (name) => {
    const view = KPI_VIEWS.find((candidate) => candidate.name === name)
    const file = readViews()[KPI_VIEWS.findIndex((candidate) => candidate.name === name)]
    const statement = renderSql(file?.template ?? '', { database: 'outlay' })
    const read = new Map(
      [...statement.matchAll(/\{([a-z_]+):([^}]+)\}/g)].map(([, key = '', type = '']) => [key, type]),
    )
    expect([...read.keys()].toSorted()).toEqual([...(view?.parameters ?? [])].toSorted())
    for (const [key, type] of read) expect(type).toBe(VIEW_PARAMETERS[key as keyof typeof VIEW_PARAMETERS])
  })

  test('every view opens with the question it answers', () => {
    for (const { template } of readViews()) expect(template).toMatch(/^-- .+[?.]/)
  })
})
