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

/**
 * All buckets of one file. A value of another shape is a problem, and so is a file whose last page says that there are
 * more: a month that is cut off would look like calls the provider never saw.
 */
export const savedBuckets = (json: unknown, file: string, findings: Findings): SavedBucket[] => {
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
    if (index === list.length - 1 && page.has_more === true) {
      findings.problem(
        { file, path: 'has_more' },
        'the export stops before its last page',
        'save the pages up to the one with has_more false',
      )
    }
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
