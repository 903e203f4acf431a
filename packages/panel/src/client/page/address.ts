/** The address is the state: filters, period, order and search live in it, so that every view is a link. */

/** Parameters of the page alone; the server is not asked with them. */
const PAGE_ONLY = ['sort', 'q'] as const
/** What stays when another page is opened. */
const KEPT = ['database', 'from', 'to', 'days', 'as_of', 'book'] as const

type Changes = Readonly<Record<string, string | readonly string[] | undefined>>

const searchNow = (): URLSearchParams => new URLSearchParams(location.search)

const textOf = (path: string, search: URLSearchParams): string => {
  const text = search.toString()
  return text === '' ? path : `${path}?${text}`
}

const change = (search: URLSearchParams, changes: Changes): URLSearchParams => {
  for (const [name, value] of Object.entries(changes)) {
    search.delete(name)
    if (value === undefined) continue
    for (const one of typeof value === 'string' ? [value] : value) search.append(name, one)
  }
  return search
}

/** This page with some parameters changed; undefined removes one. */
export const addressWith = (changes: Changes): string => textOf(location.pathname, change(searchNow(), changes))

/** Another page over the same window, database and book. */
export const addressOf = (path: string, changes: Changes = {}): string => {
  const search = searchNow()
  const dropped = [...search.keys()].filter((name) => !KEPT.some((kept) => kept === name))
  for (const name of dropped) search.delete(name)
  return textOf(path, change(search, changes))
}

/** What the server is asked on behalf of this page. */
export const questionOf = (path: string): string =>
  textOf(path, change(searchNow(), Object.fromEntries(PAGE_ONLY.map((name) => [name, undefined]))))

export const parameter = (name: string): string | undefined => searchNow().get(name) ?? undefined

/** Remembers something about the page without a new entry in the history. */
export const remember = (changes: Changes): void => history.replaceState(null, '', addressWith(changes))
