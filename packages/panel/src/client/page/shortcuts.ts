/** Keys of every page: `/` goes to the search, Escape out of it and then one page up. */

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLInputElement || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement

interface Shortcuts {
  /** Address of the page above; undefined on the highest. */
  readonly up: string | undefined
  readonly search: () => HTMLInputElement | null
}

export const listenToKeys = ({ up, search }: Shortcuts): void => {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
    const { target } = event
    if (event.key === '/' && !isTyping(target)) {
      event.preventDefault()
      search()?.focus()
    } else if (event.key === 'Escape') {
      if (isTyping(target)) (target as HTMLElement).blur()
      else if (up !== undefined) location.assign(up)
    }
  })
}
