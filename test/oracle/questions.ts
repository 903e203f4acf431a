/** Random questions: every parameter of a view, sometimes everything, sometimes one value, two, or none that exists. */
import { type KpiArguments, type KpiViewName, kpiViewOf } from '@outlay/clickhouse'
import type { Random } from '../../packages/cli/src/demo/random.ts'
import type { World } from './generate/world.ts'
import type { Asked } from './model/oracle-ledger.ts'
import { BOOKS } from './oracle-database.ts'

const DAY = 86_400
const EVERYTHING = ['*']

/** The plain question: all of the last 30 days, at today's prices. */
export const plainQuestion = ({ asOf, features }: World, by: string): Asked => ({
  from_time: asOf - 30 * DAY,
  to_time: asOf,
  as_of: asOf,
  step: DAY,
  by,
  top: 1_000,
  min_ratio: 1.5,
  feature: features[0] ?? '',
  dimension: 'tenant',
  tenants: EVERYTHING,
  features: EVERYTHING,
  tiers: EVERYTHING,
  workloads: EVERYTHING,
  models: EVERYTHING,
  environments: EVERYTHING,
  book: 'current',
})

const filter = (random: Random, values: readonly string[], probability: number): readonly string[] => {
  if (!random.chance(probability)) return EVERYTHING
  return random.pick([[random.pick(values)], [random.pick(values), random.pick(values)], ['nobody'], []])
}

export const randomQuestion = (world: World, random: Random, by: string): Asked => {
  const plain = plainQuestion(world, by)
  const length = random.pick([1_800, 3_600 * 5, DAY, 7 * DAY, 40 * DAY, 95 * DAY])
  return {
    ...plain,
    from_time: plain.to_time - length - random.pick([0, 0, 0, 700]),
    as_of: random.chance(0.3) ? plain.as_of - random.between(0, 40) * DAY : plain.as_of,
    step: random.pick([60, 1_800, 3_600, 5_400, DAY, 7 * DAY]),
    min_ratio: random.pick([0, 1, 3]),
    feature: random.pick([...world.features, 'nothing']),
    dimension: random.pick(['tenant', 'feature', 'tier', 'workload', 'model', 'environment']),
    tenants: filter(random, world.tenants, 0.4),
    features: filter(random, world.features, 0.3),
    tiers: filter(random, ['free', 'pro', 'team', 'legacy'], 0.3),
    workloads: filter(random, ['chat', 'agent', 'rag'], 0.3),
    models: filter(random, ['gpt-5', 'gpt-5-mini', 'lab-preview-7'], 0.2),
    environments: filter(random, ['prod', 'test'], 0.2),
    book: random.pick(['current', 'current', ...BOOKS]),
  }
}

/** What of a question the view takes; the rest is what the view does not filter by. */
export const argumentsOf = (name: KpiViewName, asked: Asked): KpiArguments => {
  const { parameters, by } = kpiViewOf(name)
  return Object.fromEntries(
    parameters
      .filter((parameter) => parameter !== 'by' || by.length > 0)
      .flatMap((parameter) => (parameter in asked ? [[parameter, asked[parameter as keyof Asked]]] : [])),
  )
}

/** The same question with everything that the view cannot be asked left open. */
export const askable = (name: KpiViewName, asked: Asked): Asked => {
  const { parameters } = kpiViewOf(name)
  const open = ['tenants', 'features', 'tiers', 'workloads', 'models', 'environments'] as const
  const ignored = open.filter((parameter) => !parameters.some((each) => each === parameter))
  const takesBook = parameters.some((parameter) => parameter === 'book')
  return {
    ...asked,
    ...Object.fromEntries(ignored.map((parameter) => [parameter, EVERYTHING])),
    ...(takesBook ? {} : { book: 'current' }),
  }
}
