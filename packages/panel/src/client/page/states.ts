/** What stands where figures are not: loading, a refusal, figures that are old, a ledger that is empty. */
import type { Refusal, Window } from '#src/shared/answers.ts'
import type { Aged } from './ask.ts'
import { h } from './element.ts'
import { ageText, windowText } from './time-text.ts'

/** Said to a screen reader; seen as a quiet line. */
export const loading = (): HTMLElement => h('p', { class: 'loading', role: 'status' }, 'Asking the ledger…')

const TILES = 8

/** The places of the tiles, so that nothing moves when they come. */
export const loadingTiles = (): readonly HTMLElement[] => [
  loading(),
  h(
    'ul',
    { class: 'tiles', 'aria-hidden': 'true' },
    ...Array.from({ length: TILES }, () => h('li', { class: 'placeholder' })),
  ),
]

export const refusal = ({ code, message }: Refusal['error']): HTMLElement => {
  const again = h('button', { class: 'primary', type: 'button' }, 'Try again')
  again.addEventListener('click', () => location.reload())
  return h(
    'section',
    { class: 'notice notice-error', role: 'alert' },
    h('h2', {}, 'The figures could not be read'),
    h('p', {}, message),
    h('p', { class: 'notice-foot' }, again, h('code', {}, code)),
  )
}

export const emptyLedger = ({ database, databases }: Window): HTMLElement => {
  const demo = databases.find((name) => name !== database)
  return h(
    'section',
    { class: 'notice', role: 'status' },
    h('h2', {}, 'No calls in this window yet'),
    h(
      'p',
      {},
      'Send spans to the OTLP endpoint that ',
      h('code', {}, 'outlay up'),
      ' printed, or choose a longer period.',
      demo === undefined ? undefined : ` The database ${demo} can be chosen above.`,
    ),
  )
}

/** From then on it is worth a colour. */
const AGED_SECONDS = 60

/** The line under the title: what window, which prices, and how old where it is not new. */
export const windowLine = ({ from, to, book, database, ageSeconds }: Window & Aged, calendar = false): HTMLElement => {
  const age = ageText(ageSeconds)
  const window = calendar ? `Calendar month up to ${windowText(to, to).split(' – ')[1]}` : windowText(from, to)
  return h(
    'p',
    { class: 'window-line' },
    h('span', {}, window),
    h('span', {}, `prices: ${book}`),
    h('span', {}, database),
    age === '' ? undefined : h('span', { class: ageSeconds < AGED_SECONDS ? undefined : 'aged' }, `figures ${age}`),
  )
}
