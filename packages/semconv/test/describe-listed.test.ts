import { describe, expect, test } from 'vitest'
import { type ListedSpan, type SpanEvidence, settleTrace } from '@outlay/semconv'
import { agent, billed, chat, span, spanId, unknownUsage } from './span-builder.ts'

const listedSpan = (spans: readonly SpanEvidence[], id: number): ListedSpan => {
  const found = settleTrace(spans, { describeListed: true }).listed.find(({ spanId: each }) => each === spanId(id))
  if (found === undefined) throw new Error(`span ${id} is not listed`)
  return found
}

const coverOf = (spans: readonly SpanEvidence[], id: number): unknown => {
  const { about } = listedSpan(spans, id)
  return [about?.coveredBy, about?.callsBelow]
}

describe('a span that is not billed', () => {
  test('keeps the numbers that it reported itself', () => {
    const spans = [
      span({ id: 1, scope: 'x', scopeVersion: '1.2', attributes: agent(30, 10) }),
      span({ id: 2, parent: 1, attributes: chat(20, 4) }),
    ]
    expect(listedSpan(spans, 1)).toMatchObject({
      disposition: 'covered',
      scopeName: 'x',
      scopeVersion: '1.2',
      usageStatus: 'reported',
      cacheSplit: 'unknown',
      inclusion: 'n/a',
      meters: { input: 30, output: 10 },
      inputTotal: 30,
      outputTotal: 10,
    })
  })

  test('names the only call below it, however deep', () => {
    const spans = [
      span({ id: 1, attributes: agent(30, 10) }),
      span({ id: 2, parent: 1 }),
      span({ id: 3, parent: 2, attributes: chat(30, 10) }),
    ]
    expect(coverOf(spans, 1)).toEqual([spanId(3), 1])
  })

  test('names none of several calls below it, and counts them', () => {
    const spans = [
      span({ id: 1, attributes: agent(30, 10) }),
      span({ id: 2, parent: 1, attributes: chat(10, 5) }),
      span({ id: 3, parent: 1, attributes: chat(20, 5) }),
    ]
    expect(coverOf(spans, 1)).toEqual(['', 2])
  })

  test('names the nearest call above it', () => {
    const spans = [
      span({ id: 1, attributes: chat(10, 5) }),
      span({ id: 2, parent: 1 }),
      span({ id: 3, parent: 2, attributes: unknownUsage(10, 5) }),
    ]
    expect(coverOf(spans, 3)).toEqual([spanId(1), 0])
  })

  test('names the call that it repeats, also where that one repeats another', () => {
    const response = { 'gen_ai.response.id': 'r1' }
    const raw = '{"input_tokens":10,"output_tokens":5}'
    const spans = [
      span({ id: 1, attributes: chat(10, 5, { 'outlay.leaf.id': 'l1', ...response }) }),
      span({ id: 2, attributes: chat(10, 5, { 'outlay.leaf.id': 'l1' }) }),
      span({ id: 3, attributes: chat(10, 5, { ...response, 'outlay.usage.raw': raw }) }),
      span({ id: 4, parent: 2, attributes: unknownUsage(10, 5) }),
    ]
    expect(billed(settleTrace(spans))).toEqual({ 3: 'leaf' })
    for (const id of [1, 2, 4]) expect(coverOf(spans, id)).toEqual([spanId(3), 0])
  })

  test('says what it is about, with what its ancestors say', () => {
    const spans = [
      span({ id: 1, attributes: { 'outlay.tenant.id': 'acme', 'gen_ai.operation.name': 'invoke_workflow' } }),
      span({
        id: 2,
        parent: 1,
        scope: 'strands.telemetry.tracer',
        attributes: agent(30, 10, {
          'gen_ai.request.model': 'm',
          'gen_ai.response.id': 'r1',
          'gen_ai.usage.cost': '0.5',
        }),
      }),
    ]
    expect(listedSpan(spans, 2)).toMatchObject({
      disposition: 'unbilled_aggregate',
      about: {
        coveredBy: '',
        selectors: { requestModel: 'm' },
        attribution: { tenant: 'acme' },
        responseId: 'r1',
        reportedCostUsd: '0.5',
        reportedCostSource: 'gen_ai.usage.cost',
      },
    })
  })

  test('is listed for people also where it carries nothing but attribution, and a plain span never is', () => {
    const spans = [
      span({ id: 1, attributes: { 'outlay.tenant.id': 'acme' } }),
      span({ id: 2, parent: 1, attributes: { 'http.route': '/' } }),
    ]
    expect(settleTrace(spans).listed).toEqual([])
    expect(settleTrace(spans, { describeListed: true }).listed).toMatchObject([
      { spanId: spanId(1), disposition: 'not_billable', usageStatus: 'absent', meters: {} },
    ])
  })

  test('is not described unless asked', () => {
    expect(settleTrace([span({ id: 1, attributes: { 'gen_ai.operation.name': 'invoke_workflow' } })]).listed).toEqual([
      expect.not.objectContaining({ about: expect.anything() }),
    ])
  })
})
