/** `outlay explain feature` for people: the change, its drivers and their sum, then the tasks, models and routes. */
import { displayUsd, parseUsd } from '@outlay/core'
import { percentText } from '#src/kpi/format-figure.ts'
import { renderTextTable, type TextColumn } from '#src/kpi/text-table.ts'
import { signedUsd } from './driver-sentences.ts'
import type { ExplainedFeature, FeaturePart } from './explain-feature.ts'

const PARTS_SHOWN_MAX = 5

const left = (name: string): TextColumn => ({ name, align: 'left' })
const right = (name: string): TextColumn => ({ name, align: 'right' })

const usdOr = (usd: string | null, otherwise: string): string => (usd === null ? otherwise : displayUsd(parseUsd(usd)))

const decimalsOf = (usd: string): number => usd.split('.')[1]?.length ?? 0

/** Every digit, with the sign of a change; zeros at the end let amounts stand under each other. */
const exactChange = (usd: string, decimals = 0): string => {
  const [whole = '', fraction = ''] = usd.replace('-', '').split('.')
  const digits = fraction.padEnd(decimals, '0')
  return `${usd.startsWith('-') ? '-' : '+'} $${whole}${digits === '' ? '' : `.${digits}`}`
}

const headLines = (answer: ExplainedFeature): readonly string[] => {
  const { change_usd, change_ratio, cost_per_task_now, cost_per_task_then, tasks_now, tasks_then, unpriced_tasks } =
    answer
  const ratio = change_ratio === null ? '' : ` (${change_ratio < 0 ? '' : '+'}${percentText(change_ratio)})`
  return [
    `Cost per task now   ${usdOr(cost_per_task_now, 'no complete task')}  (${tasks_now} task(s) in the 30 days before ${answer.as_of})`,
    `30 days ago         ${usdOr(cost_per_task_then, 'no complete task')}  (${tasks_then} task(s) in the 30 days before those)`,
    `Change              ${change_usd === null ? 'nothing to compare' : `${signedUsd(change_usd)}${ratio}`}`,
    ...(Number(unpriced_tasks) === 0
      ? []
      : [`Left out: ${unpriced_tasks} task(s) of now with a call, or a part of one, that has no price.`]),
  ]
}

const figureText = (driver: string, value: number | null): string => {
  if (value === null) return ''
  return driver === 'cache hit rate' ? percentText(value) : value.toLocaleString('en-US', { maximumFractionDigits: 2 })
}

const driverLines = (
  { drivers, change_usd, sum_usd, agree, sentences }: ExplainedFeature,
  width: number,
): readonly string[] => {
  if (change_usd === null || sum_usd === null) return []
  const decimals = Math.max(...[sum_usd, ...drivers.map(({ effect_usd }) => effect_usd ?? '0')].map(decimalsOf))
  const rows = drivers.map(({ driver, effect_usd, share_of_change, measured_then, measured_now }) => [
    driver,
    effect_usd === null ? '' : exactChange(effect_usd, decimals),
    share_of_change === null ? '' : percentText(share_of_change),
    figureText(driver, measured_then),
    figureText(driver, measured_now),
  ])
  const sum = ['sum', exactChange(sum_usd, decimals), '', '', '']
  const columns = [left('driver'), right('effect on a task'), right('of the change'), right('then'), right('now')]
  return [
    '',
    sentences.length === 0 ? 'Nothing moved the cost of a task.' : 'Why',
    ...sentences.map((sentence, index) => `  ${index + 1}. ${sentence}`),
    '',
    renderTextTable(columns, [...rows, sum], width),
    agree
      ? `The five effects add up to the change: ${exactChange(change_usd)}, to the last digit.`
      : `THE EFFECTS DO NOT ADD UP TO THE CHANGE OF ${exactChange(change_usd)}: please report this.`,
  ]
}

const taskLines = ({ tasks }: ExplainedFeature, width: number): readonly string[] => {
  if (tasks.length === 0) return ['', 'No complete task now.']
  const columns = [left('task'), left('tenant'), left('type'), right('cost'), right('× median of its type')]
  const rows = tasks
    .slice(0, PARTS_SHOWN_MAX)
    .map(({ task_id, tenant, task_type, cost_usd, ratio }) => [
      task_id,
      tenant,
      task_type,
      usdOr(cost_usd, ''),
      ratio.toFixed(1),
    ])
  return [
    '',
    'Most expensive tasks now',
    renderTextTable(columns, rows, width),
    'More: outlay explain task TASK --tenant TENANT',
  ]
}

const partLines = (title: string, parts: readonly FeaturePart[], width: number): readonly string[] => {
  const columns = [left(title), right('cost'), right('share'), right('calls'), right('not priced')]
  const rows = parts
    .slice(0, PARTS_SHOWN_MAX)
    .map(({ key, cost_usd, cost_share, calls, unpriced_calls }) => [
      key || '(none)',
      usdOr(cost_usd, 'no price'),
      cost_share === null ? '–' : percentText(cost_share),
      calls,
      unpriced_calls,
    ])
  const more = parts.length - rows.length
  if (rows.length === 0) return []
  return [
    '',
    `By ${title}, now`,
    renderTextTable(columns, rows, width),
    ...(more > 0 ? [`… and ${more} more; --json has all`] : []),
  ]
}

const isEverything = (filter: readonly string[]): boolean => filter.length === 1 && filter[0] === '*'

export const renderFeature = (answer: ExplainedFeature, { width }: { readonly width: number }): string => {
  const { feature, database, book, tenants, workloads, models, routes } = answer
  const only = Object.entries({ tenants, workloads }).flatMap(([name, values]) =>
    isEverything(values) ? [] : [`${name} ${values.join(', ')}`],
  )
  return [
    ['feature ' + feature, database, ...only, `book ${book}`].join(' · '),
    ...headLines(answer),
    ...driverLines(answer, width),
    ...taskLines(answer, width),
    ...partLines('model', models, width),
    ...partLines('route', routes, width),
    '',
  ].join('\n')
}
