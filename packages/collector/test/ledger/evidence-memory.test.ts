import type { SpanRow } from '@outlay/clickhouse'
import { describe, expect, test } from 'vitest'
import { EvidenceMemory } from '../../src/ledger/evidence-memory.ts'
import { spanRowOf } from '../../src/pipeline/span-rows.ts'

const rowOf = (lsn: bigint): SpanRow =>
  spanRowOf(
    {
      authority: 'local',
      traceId: '1'.repeat(32),
      spanId: '2'.repeat(16),
      parentSpanId: '',
      name: 'chat',
      kind: 3,
      statusCode: 0,
      startUnixNano: 1n,
      endUnixNano: 2n,
      receivedUnixNano: 3n,
      scopeName: '',
      scopeVersion: '',
      resource: {},
      attributes: {},
    },
    { walId: 'log', lsn, pos: 0 },
  )

const trace = (traceId: string) => ({ authority: 'local', traceId })
const [first, second, third] = [rowOf(1n), rowOf(2n), rowOf(3n)]

describe('evidence in memory', () => {
  test('is all that was kept of a trace, and gone once it is taken', () => {
    const memory = new EvidenceMemory(100)
    memory.keep({ ...trace('a'), rows: [first], bytes: 10 })
    memory.keep({ ...trace('a'), rows: [second], bytes: 10 })
    expect(memory.look(trace('a'))).toEqual([first, second])
    expect(memory.take(trace('a'))).toEqual([first, second])
    expect(memory.take(trace('a'))).toBeUndefined()
    expect(memory.look(trace('b'))).toBeUndefined()
  })

  test('fills its room to the last byte; what has none is forgotten as a whole, and frees what it held', () => {
    const memory = new EvidenceMemory(100)
    memory.keep({ ...trace('a'), rows: [first], bytes: 60 })
    memory.keep({ ...trace('b'), rows: [second], bytes: 40 })
    memory.keep({ ...trace('c'), rows: [third], bytes: 1 })
    expect(['a', 'b', 'c'].map((id) => memory.look(trace(id)))).toEqual([[first], [second], undefined])
    memory.keep({ ...trace('b'), rows: [third], bytes: 1 })
    expect(memory.look(trace('b'))).toBeUndefined()
    memory.keep({ ...trace('c'), rows: [third], bytes: 40 })
    expect(memory.look(trace('c'))).toEqual([third])
  })

  test('of two authorities with one trace id is kept apart', () => {
    const memory = new EvidenceMemory(100)
    memory.keep({ ...trace('a'), rows: [first], bytes: 1 })
    expect(memory.take({ authority: 'other', traceId: 'a' })).toBeUndefined()
    expect(memory.take(trace('a'))).toEqual([first])
  })
})
