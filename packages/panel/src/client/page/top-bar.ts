/** The bar of every page: name, database, period, theme. All choices are links or forms, so that the address has them. */
import iconUrl from '../icon.svg'
import { addressOf, addressWith, parameter } from './address.ts'
import { h, svg } from './element.ts'
import { currentTheme, nextTheme, storeTheme, type Theme } from './theme.ts'

const PERIODS = ['7', '30', '90'] as const
const DEFAULT_DAYS = '30'

/** Links of which one is current. */
export const choices = (
  label: string,
  links: readonly { readonly text: string; readonly href: string; readonly current: boolean }[],
): HTMLElement =>
  h(
    'nav',
    { class: 'choices', 'aria-label': label },
    ...links.map(({ text, href, current }) => h('a', { href, 'aria-current': current ? 'true' : undefined }, text)),
  )

const periodChoices = (): HTMLElement => {
  const custom = parameter('from') !== undefined || parameter('to') !== undefined || parameter('as_of') !== undefined
  const days = custom ? undefined : (parameter('days') ?? DEFAULT_DAYS)
  return choices(
    'Period',
    PERIODS.map((period) => ({
      text: `${period} days`,
      href: addressWith({
        from: undefined,
        to: undefined,
        as_of: undefined,
        days: period === DEFAULT_DAYS ? undefined : period,
      }),
      current: period === days,
    })),
  )
}

const databaseChoices = (): HTMLElement | undefined => {
  const databases = document.body.dataset['databases']?.split(' ') ?? []
  if (databases.length < 2) return undefined
  const chosen = parameter('database') ?? databases[0]
  return choices(
    'Database',
    databases.map((name, index) => ({
      text: name,
      href: addressWith({ database: index === 0 ? undefined : name }),
      current: name === chosen,
    })),
  )
}

const field = (label: string, name: string, attributes: Readonly<Record<string, string>>): HTMLElement =>
  h('label', { class: 'field' }, label, h('input', { name, value: parameter(name) ?? '', ...attributes }))

/** Sends only what was filled in, and keeps the rest of the address. */
export const addressForm = (names: readonly string[], ...children: readonly (Node | undefined)[]): HTMLFormElement => {
  const form = h('form', { method: 'get' }, ...children)
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const entered = new FormData(form)
    const values = names.map(
      (name) => [name, entered.getAll(name).filter((value) => value !== '') as string[]] as const,
    )
    location.assign(addressWith({ days: undefined, ...Object.fromEntries(values) }))
  })
  return form
}

const customPeriod = (): HTMLElement => {
  const day = (name: string): string => parameter(name)?.slice(0, 10) ?? ''
  const form = addressForm(
    ['from', 'to', 'book'],
    field('From, included', 'from', { type: 'date', value: day('from') }),
    field('To, excluded', 'to', { type: 'date', value: day('to') }),
    field('Price book', 'book', { type: 'text', placeholder: 'current', spellcheck: 'false', autocomplete: 'off' }),
    h('button', { class: 'primary', type: 'submit' }, 'Show'),
  )
  const current = parameter('from') !== undefined || parameter('to') !== undefined || parameter('book') !== undefined
  return h(
    'details',
    { class: 'menu' },
    h('summary', { class: current ? 'current' : undefined, title: 'Dates and price book' }, 'Custom'),
    h('div', { class: 'menu-body' }, form),
  )
}

const THEME_PATHS: Readonly<Record<Theme, string>> = {
  system: 'M8 2a6 6 0 1 0 0 12A6 6 0 1 0 8 2M8 2v12M10.5 2.8v10.4M12.6 4.4v7.2',
  light:
    'M8 4.8a3.2 3.2 0 1 0 0 6.4 3.2 3.2 0 0 0 0-6.4M8 .9v1.7M8 13.4v1.7M.9 8h1.7M13.4 8h1.7M3 3l1.2 1.2M11.8 11.8 13 13M3 13l1.2-1.2M11.8 4.2 13 3',
  dark: 'M13.6 9.9A6 6 0 1 1 6.1 2.4a4.8 4.8 0 0 0 7.5 7.5z',
}

const themeButton = (): HTMLElement => {
  const button = h('button', { class: 'icon-button', type: 'button' })
  const show = (): void => {
    const theme = currentTheme()
    const label = `Theme: ${theme}. Switch to ${nextTheme(theme)}`
    button.setAttribute('aria-label', label)
    button.setAttribute('title', label)
    const path = svg('path', { d: THEME_PATHS[theme], class: `theme-${theme}` })
    button.replaceChildren(svg('svg', { viewBox: '0 0 16 16', 'aria-hidden': 'true' }, path))
  }
  button.addEventListener('click', () => {
    storeTheme(nextTheme(currentTheme()))
    show()
  })
  show()
  return button
}

/** Puts the frame of a page into the document and returns where its content goes. */
export const layOutPage = (): HTMLElement => {
  const main = h('main', { id: 'main', tabindex: -1 })
  document.body.append(
    h('a', { class: 'skip', href: '#main' }, 'Skip to the figures'),
    h(
      'header',
      { class: 'top' },
      h(
        'a',
        { class: 'brand', href: addressOf('/') },
        h('img', { src: iconUrl, alt: '', width: 24, height: 24 }),
        'Outlay',
      ),
      databaseChoices(),
      h('div', { class: 'top-period' }, periodChoices(), customPeriod()),
      themeButton(),
    ),
    main,
  )
  return main
}
