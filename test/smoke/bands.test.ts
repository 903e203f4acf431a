import { writeFileSync } from 'node:fs'
import { loadBands, prepareDatabase, renderSql } from '@outlay/clickhouse'
import { systemClock } from '@outlay/core'
import { type TempDir, tempDir } from '@outlay/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runProgram } from '../harness/outlay-program.ts'
import { NO_LEDGER, type Outcome, writerOf } from '../harness/run-outlay.ts'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'

let ledger: TestLedger
let database: string
let directory: TempDir

beforeAll(async () => {
  directory = tempDir()
  ledger = await startTestLedger()
  database = await ledger.createDatabase([])
})
afterAll(async () => {
  await ledger.close()
  directory.remove()
})

const saved = (text: string): string => {
  const path = `${directory.path}/bands.yaml`
  writeFileSync(path, text)
  return path
}

const migrate = (text: string, ...args: string[]): Promise<Outcome> =>
  runProgram(['migrate', '--database', database, '--bands', saved(text), ...args], writerOf(ledger))

const query = async <Row>(sql: string): Promise<Row[]> =>
  (await ledger.reader.query({ query: sql.replaceAll('{db}', database), format: 'JSONEachRow' })).json<Row>()

interface Held {
  readonly versions: number
  /** Edges of one band that was configured, and of one that never is. */
  readonly lag: readonly number[]
  readonly priced: readonly number[]
}
const held = async (): Promise<Held> => {
  const [row] = await query<{ versions: string; lag: number[]; priced: number[] }>(
    `SELECT uniqExact(version) AS versions, arraySort(groupArrayIf(lower, band = 'lag_s' AND lower > -1 AND version = (SELECT max(version) FROM {db}.bands))) AS lag,
      arraySort(groupArrayIf(lower, band = 'priced' AND lower > -1 AND version = (SELECT max(version) FROM {db}.bands))) AS priced FROM {db}.bands`,
  )
  return { versions: Number(row?.versions), lag: row?.lag ?? [], priced: row?.priced ?? [] }
}

const PACKAGED = { lag: [60, 300], priced: [0.98, 1] }
const LATE = 'bands:\n  lag_s:\n    - { verdict: ok }\n    - { above: 5, verdict: act }\n'

describe('configured bands', () => {
  test('stand in for the packaged ones of their name, once, and stay when the database is prepared again', async () => {
    expect(await held()).toEqual({ versions: 1, ...PACKAGED })
    const { code, stdout } = await migrate(LATE)
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/Bands loaded: lag_s from the file/) })
    expect(await held()).toEqual({ versions: 2, lag: [5], priced: PACKAGED.priced })

    await migrate(LATE)
    const { book, client } = ledger
    const nothing = { ...book, rows: [], names: [], bands: [] }
    await prepareDatabase({ client, target: { database }, book: nothing, clock: systemClock })
    expect(await held()).toEqual({ versions: 2, lag: [5], priced: PACKAGED.priced })
  })

  test('decide the verdict that views give, the edge itself included', async () => {
    const verdicts = await query<{ figure: number; verdict: string }>(
      `SELECT figure, ${renderSql('{{band:lag_s:figure}}', { database })} AS verdict FROM (SELECT arrayJoin([0, 5, 5.5]) AS figure) ORDER BY figure`,
    )
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['ok', 'ok', 'act'])
  })

  test('are the packaged ones again after a file without any', async () => {
    const { stdout } = await migrate('bands: {}')
    expect(stdout).toContain('all as packaged')
    expect(await held()).toEqual({ versions: 3, ...PACKAGED })
  })

  test('hold also where the clock runs behind that of the load before', async () => {
    const lag_s = [{ lower: 7, strict: true, verdict: 'act' }] as const
    await loadBands(ledger.client, database, { clock: { now: () => 0 }, configured: { lag_s } })
    expect(await held()).toMatchObject({ versions: 4, lag: [7] })
  })

  test('are refused before anything is touched', async () => {
    const wrong = 'bands:\n  lag: [{ verdict: ok }]\n'
    const refused = { code: 2, stdout: '', stderr: expect.stringMatching(/^E_BANDS_FILE: .*bands\.yaml:2 .*"lag_s"/s) }
    expect(await migrate(wrong)).toEqual(refused)
    expect(await runProgram(['up', '--bands', saved(wrong), '--data-dir', directory.path], NO_LEDGER)).toEqual(refused)
    expect((await held()).versions).toBe(4)
  })
})
