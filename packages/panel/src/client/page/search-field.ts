/** The one search of a page; `/` leads to it. */
import { h } from './element.ts'

export const searchField = (label: string, text: string, onInput: (text: string) => void): HTMLElement => {
  const input = h('input', {
    type: 'search',
    placeholder: label,
    'aria-label': label,
    'aria-keyshortcuts': '/',
    value: text,
    autocomplete: 'off',
    spellcheck: 'false',
  })
  input.addEventListener('input', () => onInput(input.value.trim()))
  return h('div', { class: 'search', role: 'search' }, input, h('kbd', { 'aria-hidden': 'true' }, '/'))
}
