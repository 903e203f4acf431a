import { inputTotalOf, outputTotalOf } from '@outlay/core'
import { startStubProvider, type StubProvider, type StubServed, tempDir } from '@outlay/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestCollector, type TestCollector } from '../harness/test-collector.ts'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'
import { caseOf, type CaseId } from './cases.ts'
import type { Emitter, Sight } from './emitter.ts'
import { EMITTERS } from './emitters/index.ts'
import { laneName, taskOf } from './lane-name.ts'
import { type LedgerCall, readLedgerCalls } from './ledger-calls.ts'
import { providerScript } from './provider-script.ts'
import { type EmitterReport, runEmitter } from './run-emitter.ts'
import { folded, seenMeters, servedMeters } from './served-meters.ts'

const CONCURRENCY = 2

let ledger: TestLedger
let database: string
let collector: TestCollector
let provider: StubProvider
let calls: readonly LedgerCall[]
const reports = new Map<string, EmitterReport>()

const runAll = async (): Promise<void> => {
  const waiting = [...EMITTERS]
  using codeCache = tempDir()
  const place = { collectorUrl: collector.collector.url, providerUrl: provider.url, codeCache: codeCache.path }
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      reports.set(next.id, await runEmitter(next.id, place))
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker))
}

beforeAll(async () => {
  ledger = await startTestLedger()
  database = await ledger.createDatabase(['openai', 'anthropic'])
  collector = await startTestCollector(ledger, database)
  provider = await startStubProvider({ script: providerScript(EMITTERS) })
  await runAll()
  await collector.collector.settled()
  calls = await readLedgerCalls(ledger, database)
})
afterAll(async () => {
  await provider.close()
  await collector.close()
  await ledger.close()
})

const servedIn = (emitter: Emitter, id: CaseId): readonly StubServed[] =>
  provider.served.filter(({ lane }) => lane === `/${laneName(emitter.id, id)}`)

const callsIn = (emitter: Emitter, id: CaseId): readonly LedgerCall[] =>
  calls.filter(({ task }) => task === taskOf(emitter.id, id))

const expectedCall = (answer: StubServed, sight: Sight) => {
  const whole = seenMeters(servedMeters(answer), sight)
  const meters = folded(whole, sight.folds)
  const flags = [...(sight.flags ?? []), ...(meters.cache_write_unknown === undefined ? [] : ['cache_ttl_unknown'])]
  return {
    meters,
    // Sums of what was served: however coarse the meters are, the totals are not.
    inputTotal: inputTotalOf(whole),
    outputTotal: outputTotalOf(whole),
    usageStatus: 'reported',
    cacheSplit: sight.cacheSplit ?? 'reported',
    flags: flags.sort(),
    provider: sight.hidesProvider === true ? '' : answer.api.split('.')[0],
    model: answer.model,
    tenant: 'acme',
  }
}

const shown = ({ meters, inputTotal, outputTotal, usageStatus, cacheSplit, flags, ...rest }: LedgerCall) => ({
  meters,
  inputTotal,
  outputTotal,
  usageStatus,
  cacheSplit,
  flags: [...flags].sort(),
  provider: rest.provider,
  model: rest.model,
  tenant: rest.tenant,
})

const bySize = (a: { readonly inputTotal: number }, b: { readonly inputTotal: number }): number =>
  a.inputTotal - b.inputTotal

describe.each(EMITTERS)('$id', (emitter) => {
  test('ran every case, and reached nothing beyond this machine', () => {
    expect(reports.get(emitter.id)).toEqual({ failures: [], refusedHosts: [] })
    const answered = emitter.cases.map((id) => [id, servedIn(emitter, id).length])
    const scripted = emitter.cases.map((id) => [id, caseOf(id).answers.filter(({ error }) => !error).length])
    expect(answered).toEqual(scripted)
  })

  test.each(emitter.cases)('%s: the ledger has what was served, each call once', (id) => {
    const sight = emitter.sight(id)
    const found = callsIn(emitter, id)
    const served = servedIn(emitter, id)
    const seen = sight.unseen === true ? [] : served
    const expected = seen.map((answer) => expectedCall(answer, sight))
    const billed = found.filter(({ usageStatus }) => usageStatus !== 'absent')
    expect(billed.map(shown).sort(bySize)).toEqual(expected.sort(bySize))
    expect(found.length - billed.length).toBe(served.length - seen.length + (sight.listedAttempts ?? 0))
  })
})

describe('nothing of any emitter', () => {
  test('is left without attribution', async () => {
    const query = `SELECT scope_name, sum(sign) AS net FROM ${database}.quarantine GROUP BY scope_name HAVING net != 0`
    const rows = await (await ledger.client.query({ query, format: 'JSONEachRow' })).json()
    expect(rows).toEqual([])
  })
})
