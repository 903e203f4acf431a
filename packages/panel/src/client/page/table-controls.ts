/** What a table can be asked otherwise: grouping, filters, other views of the same KPI. Each choice is an address. */
import type { KpiTable } from '#src/shared/answers.ts'
import { addressOf, addressWith } from './address.ts'
import { h } from './element.ts'
import { addressForm, choices } from './top-bar.ts'

const words = (name: string): string => name.replaceAll('_', ' ')
/** `tenants` → `tenant`: a filter is named after what it lists. */
const singular = (filter: string): string => filter.replace(/s$/, '')

const groupings = ({ by, by_choices }: KpiTable): HTMLElement | undefined =>
  by_choices.length < 2
    ? undefined
    : h(
        'div',
        { class: 'control' },
        h('span', { class: 'control-label' }, 'Grouped by'),
        choices(
          'Grouped by',
          by_choices.map((choice) => ({
            text: words(choice),
            href: addressWith({ by: choice, sort: undefined, q: undefined }),
            current: choice === by,
          })),
        ),
      )

const related = ({ page, related: others }: KpiTable): HTMLElement | undefined =>
  others.length === 0
    ? undefined
    : h(
        'div',
        { class: 'control' },
        h('span', { class: 'control-label' }, 'Table'),
        choices('Table', [
          { text: page.title, href: location.href, current: true },
          ...others.map(({ name, title }) => ({ text: title, href: addressOf(`/kpi/${name}`), current: false })),
        ]),
      )

const chips = ({ filters }: KpiTable): readonly HTMLElement[] =>
  Object.entries(filters).flatMap(([filter, values]) =>
    values.map((value) =>
      h(
        'a',
        {
          class: 'chip',
          href: addressWith({ [filter]: values.filter((other) => other !== value) }),
          'aria-label': `Remove the filter ${singular(filter)} ${value}`,
        },
        h('span', { class: 'chip-name' }, singular(filter)),
        value,
        h('span', { 'aria-hidden': 'true' }, '×'),
      ),
    ),
  )

const filterForm = ({ filters }: KpiTable): HTMLElement | undefined => {
  const names = Object.keys(filters)
  if (names.length === 0) return undefined
  const chosen = names.map((name) => (filters[name] ?? []).map((value) => h('input', { type: 'hidden', name, value })))
  const fields = names.map((name) =>
    h(
      'label',
      { class: 'field' },
      singular(name),
      h('input', { name, type: 'text', autocomplete: 'off', spellcheck: 'false' }),
    ),
  )
  const form = addressForm(names, ...chosen.flat(), ...fields, h('button', { class: 'primary', type: 'submit' }, 'Add'))
  return h('details', { class: 'menu' }, h('summary', {}, 'Add a filter'), h('div', { class: 'menu-body' }, form))
}

export const tableControls = (table: KpiTable): HTMLElement => {
  const filters = [...chips(table), filterForm(table)].filter((part) => part !== undefined)
  return h(
    'div',
    { class: 'controls' },
    related(table),
    groupings(table),
    filters.length === 0 ? undefined : h('div', { class: 'control' }, ...filters),
  )
}

/** The same table narrowed to one row's subject and grouped by the next thing; undefined where no filter fits. */
export const drillAddress = ({ by, by_choices, filters }: KpiTable, value: string): string | undefined => {
  const filter = `${by}s`
  const taken = filters[filter]
  if (taken === undefined || taken.length > 0 || value === '') return undefined
  const next = by_choices.find(
    (choice) => choice !== by && choice !== 'all' && (filters[`${choice}s`] ?? []).length === 0,
  )
  return next === undefined ? undefined : addressWith({ [filter]: value, by: next, sort: undefined, q: undefined })
}
