import { describe, expect, test } from 'vitest'
import { EvidenceMemory } from '#src/ledger/evidence-memory.ts'
import { LoggedRequest } from '#src/pipeline/logged-request.ts'
import { encodeRequest, spanOf } from '../otlp/requests.ts'

const NAME = 'chat'

/** A request of one span, read from bytes that are gone as soon as it is stored. */
const requestOf = (lsn: bigint) => {
  const body = Buffer.from(encodeRequest([spanOf({ name: NAME })]))
  const record = { walUuid: 'log', lsn, receivedUnixNano: 3n, meta: { authority: 'local' }, body }
  return { request: new LoggedRequest(record), body }
}
const BYTES = requestOf(1n).request.bytes

const evidenceOf = (request: LoggedRequest, ...positions: readonly number[]) => [{ request, positions }]
const trace = (traceId: string) => ({ authority: 'local', traceId })
const recall = (memory: EvidenceMemory, traceId: string) => {
  const loan = memory.lend([trace(traceId)])
  const parts = loan.recall(trace(traceId))
  loan.giveBack()
  return parts
}

/** As a unit does it: admitted while it is built, kept and dismissed when it is stored. */
const store = (memory: EvidenceMemory, request: LoggedRequest, ...ids: readonly string[]): boolean => {
  const isAdmitted = memory.admit(request)
  for (const [pos, id] of ids.entries()) memory.keep({ ...trace(id), evidence: evidenceOf(request, pos) })
  if (isAdmitted) memory.dismiss([request])
  return isAdmitted
}

describe('evidence in memory', () => {
  test('is all that was kept of a trace, and gone once it is taken', () => {
    const memory = new EvidenceMemory(10 * BYTES)
    const [first, second] = [requestOf(1n).request, requestOf(2n).request]
    store(memory, first, 'a')
    store(memory, second, 'a')
    const all = [...evidenceOf(first, 0), ...evidenceOf(second, 0)]
    expect(recall(memory, 'a')).toEqual(all)
    const taken = memory.take([trace('a'), trace('b')])
    expect(taken.recall(trace('a'))).toEqual(all)
    expect(taken.recall(trace('b'))).toBeUndefined()
    expect(recall(memory, 'a')).toBeUndefined()
    expect(memory.bytes).toBe(2 * BYTES)
    taken.giveBack()
    expect(memory.bytes).toBe(0)
  })

  test('fills its room to the last byte; what has none is forgotten as a whole, and frees what it held', () => {
    const memory = new EvidenceMemory(2 * BYTES)
    for (const [index, id] of ['a', 'b', 'c'].entries()) {
      store(memory, requestOf(BigInt(index)).request, id)
    }
    expect(['a', 'b', 'c'].map((id) => recall(memory, id)?.length)).toEqual([1, 1, undefined])
    store(memory, requestOf(4n).request, 'b')
    expect(recall(memory, 'b')).toBeUndefined()
    expect(memory.bytes).toBe(BYTES)
    store(memory, requestOf(5n).request, 'c')
    expect(recall(memory, 'c')).toHaveLength(1)
  })

  test('of two authorities with one trace id is kept apart', () => {
    const memory = new EvidenceMemory(BYTES)
    store(memory, requestOf(1n).request, 'a')
    const stranger = { authority: 'other', traceId: 'a' }
    expect(memory.take([stranger]).recall(stranger)).toBeUndefined()
    expect(recall(memory, 'a')).toHaveLength(1)
  })

  test('counts a request once, however many traces it holds spans of, and lets go of it with the last of them', () => {
    const memory = new EvidenceMemory(BYTES)
    const { request } = requestOf(1n)
    store(memory, request, 'a', 'b')
    memory.take([trace('a')]).giveBack()
    expect(memory.bytes).toBe(BYTES)
    memory.take([trace('b')]).giveBack()
    expect(memory.bytes).toBe(0)
  })

  test('of a request that no trace holds goes when its spans are stored', () => {
    const memory = new EvidenceMemory(BYTES)
    expect(store(memory, requestOf(1n).request)).toBe(true)
    expect(memory.bytes).toBe(0)
  })

  test('outlives the bytes that it was read from', () => {
    const memory = new EvidenceMemory(BYTES)
    const { request, body } = requestOf(1n)
    expect(memory.admit(request)).toBe(true)
    body.fill(0)
    memory.keep({ ...trace('a'), evidence: evidenceOf(request, 0) })
    expect(recall(memory, 'a')?.[0]?.request.span(0).span.name).toBe(NAME)
  })

  test('can be read as long as it is lent, also when it is forgotten meanwhile', () => {
    const memory = new EvidenceMemory(BYTES)
    store(memory, requestOf(1n).request, 'a')
    const loan = memory.lend([trace('a')])
    store(memory, requestOf(2n).request, 'a')
    expect(recall(memory, 'a')).toBeUndefined()
    expect(loan.recall(trace('a'))?.[0]?.request.span(0).span.name).toBe(NAME)
    loan.giveBack()
    expect(memory.bytes).toBe(0)
  })
})
