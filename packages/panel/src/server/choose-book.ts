/** The price book of a question: named, known at a time, or the one that holds now. */
import { type ClickHouseClient, CURRENT_BOOK, pinnedBookName, readRevisions, readWhatIfBooks } from '@outlay/clickhouse'
import { OutlayError } from '@outlay/core'
import type { WindowQuestion } from './question.ts'

const MS_PER_SECOND = 1_000
const STAGED_BOOK = 'staged'

/** The name of the book. Fails with `E_BOOK` and the names there are: a view prices nothing by a book it does not know. */
export const chooseBook = async (
  client: ClickHouseClient,
  { database, book, asOf }: WindowQuestion,
): Promise<string> => {
  if (asOf === undefined && (book === undefined || book === CURRENT_BOOK)) return CURRENT_BOOK
  const revisions = await readRevisions(client, database)
  if (asOf !== undefined) {
    const last = revisions.findLast(({ applied_at }) => Date.parse(applied_at) <= asOf * MS_PER_SECOND)
    if (last) return pinnedBookName(last.revision)
    throw new OutlayError('E_BOOK', 'no price was known then', {
      got: new Date(asOf * MS_PER_SECOND).toISOString(),
      want: `${revisions[0]?.applied_at ?? 'a time'} or later`,
    })
  }
  const whatIfs = await readWhatIfBooks(client, database)
  const names = [
    CURRENT_BOOK,
    ...revisions.map(({ revision }) => pinnedBookName(revision)),
    STAGED_BOOK,
    ...whatIfs.map(({ name }) => name),
  ]
  if (book !== undefined && names.includes(book)) return book
  throw new OutlayError('E_BOOK', 'no such book', { got: String(book), want: names.join(', ') })
}
