import { describe, expect, test } from 'vitest'
import { driverSentences } from '../../src/explain/driver-sentences.ts'
import { type AnswerRow, type Driver, featureChangeOf } from '../../src/explain/feature-drivers.ts'

const driver = (over: Partial<Driver>): Driver => ({
  rank: 1,
  driver: 'calls per task',
  effect_usd: '0.0123',
  share_of_change: 1,
  measured_now: 4,
  measured_then: 3.1,
  ...over,
})

describe('the sentence of a driver', () => {
  test.each<[Partial<Driver>, string]>([
    [{}, 'calls per task rose from 3.1 to 4.0: + $0.0123 per task'],
    [{ measured_then: 3.96 }, 'calls per task rose from 3.96 to 4.00: + $0.0123 per task'],
    [{ measured_then: 4 }, 'calls per task stayed at 4.0: + $0.0123 per task'],
    [
      { driver: 'tokens per call', measured_then: 12_345.6, measured_now: 9_000, effect_usd: '-1.5' },
      'tokens per call fell from 12,346 to 9,000: - $1.50 per task',
    ],
    [
      { driver: 'cache hit rate', measured_then: 0.712, measured_now: 0.3 },
      'cache hit rate fell from 71.2 % to 30.0 %: + $0.0123 per task',
    ],
    [{ driver: 'cache hit rate', measured_then: null }, 'cache hit rate changed: + $0.0123 per task'],
    [
      { driver: 'price', measured_now: null, measured_then: null },
      'the prices of the models changed: + $0.0123 per task',
    ],
    [
      { driver: 'model mix' },
      'the mix of models changed, the share of big in the calls rose from 20.0 % to 60.0 %: + $0.0123 per task',
    ],
  ])('%j', (over, sentence) => {
    const shifts = [
      { model: 'small', share_now: 0.4, share_then: 0.6 },
      { model: 'big', share_now: 0.6, share_then: 0.2 },
    ]
    expect(driverSentences([driver(over)], shifts)).toEqual([sentence])
  })

  test('is told of three at most, and of none that changed nothing', () => {
    const drivers = [driver({}), driver({ effect_usd: '0' }), driver({}), driver({}), driver({})]
    expect(driverSentences(drivers, [])).toHaveLength(3)
    expect(driverSentences([driver({ effect_usd: null })], [])).toEqual([])
    expect(driverSentences([driver({ driver: 'model mix' })], [])).toEqual([
      'the mix of models changed: + $0.0123 per task',
    ])
  })
})

const row = (over: Partial<AnswerRow>): AnswerRow => ({
  driver: 'price',
  effect_usd: '0.000000000000001',
  share_of_change: 1,
  rank: '1',
  cost_per_task_now: '0.100000000000001',
  cost_per_task_then: '0.1',
  tasks_now: '1',
  tasks_then: '1',
  calls_per_task_now: 1,
  calls_per_task_then: 1,
  tokens_per_call_now: 1,
  tokens_per_call_then: 1,
  cache_hit_rate_now: 0,
  cache_hit_rate_then: 0,
  unpriced_tasks: '0',
  ...over,
})

describe('the change of a feature', () => {
  test('is added up to the last of fifteen digits', () => {
    expect(featureChangeOf([row({})])).toMatchObject({
      change_usd: '0.000000000000001',
      sum_usd: '0.000000000000001',
      agree: true,
    })
    expect(featureChangeOf([row({}), row({})])).toMatchObject({ sum_usd: '0.000000000000002', agree: false })
  })

  test('has no ratio to nothing, and no sum without a past', () => {
    expect(featureChangeOf([row({ cost_per_task_then: '0', effect_usd: '0.100000000000001' })])).toMatchObject({
      change_ratio: null,
      agree: true,
    })
    const alone = featureChangeOf([row({ cost_per_task_then: null, effect_usd: null })])
    expect(alone).toMatchObject({ change_usd: null, sum_usd: null, change_ratio: null, agree: true })
  })
})
