/** The envelope of saved JSON exports: one page, a list of pages, or a list of buckets. */
import type { ExportPlace, Findings } from '#src/reconcile/export-findings.ts'

export interface SavedBucket {
  readonly place: ExportPlace
  /** Buckets of one page never repeat each other; equal ones of two pages are one bucket saved twice. */
  readonly page: string
  readonly value: Record<string, unknown>
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const PAGE_KEYS: ReadonlySet<string> = new Set(['object', 'data', 'has_more', 'next_page'])

/** Per endpoint: where a page says that more follow, while no file has the last page. */
export type OpenEnds = Map<string, ExportPlace | undefined>

/** What a page is of, by its first result. */
const endpointOf = (page: Record<string, unknown>): string => {
  const buckets = Array.isArray(page.data) ? page.data.filter(isObject) : []
  const results = buckets.flatMap((bucket) => (Array.isArray(bucket.results) ? bucket.results.filter(isObject) : []))
  const [first] = results
  if (typeof first?.object === 'string') return first.object
  return first !== undefined && 'amount' in first ? 'cost' : 'usage'
}

const endPage = (page: Record<string, unknown>, place: ExportPlace, ends: OpenEnds): void => {
  const endpoint = endpointOf(page)
  if (page.has_more === false) ends.set(endpoint, undefined)
  if (page.has_more === true && !ends.has(endpoint)) ends.set(endpoint, place)
}

/** A month that is cut off would look like a month with less use. */
export const refuseOpenEnds = (ends: OpenEnds, findings: Findings): void => {
  for (const place of ends.values()) {
    if (place === undefined) continue
    findings.problem(place, 'the export stops before its last page', 'give the pages up to the one with has_more false')
  }
}

/** All buckets of one file; a value of another shape is a problem. */
export const savedBuckets = (
  json: unknown,
  { file, ends, findings }: { readonly file: string; readonly ends: OpenEnds; readonly findings: Findings },
): SavedBucket[] => {
  const list = Array.isArray(json) ? json : [json]
  const buckets: SavedBucket[] = []
  const add = (value: unknown, path: string, page: string): void => {
    const place = { file, path }
    if (isObject(value)) buckets.push({ place, page, value })
    else findings.problem(place, 'not a bucket', 'save the answer of the API as it is')
  }
  for (const [index, item] of list.entries()) {
    const path = Array.isArray(json) ? `[${index}]` : ''
    const page = isObject(item) && Object.hasOwn(item, 'data') ? item : undefined
    if (page === undefined) {
      add(item, path, file)
      continue
    }
    for (const key of Object.keys(page)) {
      if (!PAGE_KEYS.has(key)) findings.note(file, `unknown key "${key}" of a page ignored`)
    }
    const dataPath = path === '' ? 'data' : `${path}.data`
    if (!Array.isArray(page.data)) findings.problem({ file, path: dataPath }, 'not a list of buckets')
    else for (const [at, bucket] of page.data.entries()) add(bucket, `${dataPath}[${at}]`, `${file}${path}`)
    endPage(page, { file, path: path === '' ? 'has_more' : `${path}.has_more` }, ends)
  }
  return buckets
}

/**
 * Refuses a result that an earlier page or file already gave: two overlapping exports would count it twice. Results are
 * the same when they are of one bucket and agree in everything but their figures.
 */
export const createOverlapCheck = (findings: Findings) => {
  const seen = new Map<string, string>()
  return (result: object, measures: ReadonlySet<string>, at: { place: ExportPlace; page: string; bucket: string }) => {
    const dimensions = Object.entries(result).filter(([key, value]) => !measures.has(key) && typeof value !== 'object')
    const key = `${at.bucket} ${JSON.stringify(dimensions.toSorted(([a], [b]) => (a < b ? -1 : 1)))}`
    const earlier = seen.get(key)
    if (earlier === undefined) seen.set(key, at.page)
    else if (earlier !== at.page) {
      findings.problem(at.place, `the same bucket and group is already in ${earlier}`, 'give every page once')
    }
  }
}
export type OverlapCheck = ReturnType<typeof createOverlapCheck>
