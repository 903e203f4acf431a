/** The price book that ships with the package. */
import { readFileSync } from 'node:fs'
import type { CompiledBook } from '#src/book.ts'
import { decodePackagedBook } from '#src/packaged-format.ts'

let packaged: CompiledBook | undefined

/**
 * The committed `price-rows.json` as a book. Read on the first call and kept, so that importing this package reads no
 * file. Throws `E_PACKAGED_BOOK` if the file is of another format.
 */
export const loadPackagedBook = (): CompiledBook => {
  packaged ??= decodePackagedBook(readFileSync(new URL('../price-rows.json', import.meta.url), 'utf8'))
  return packaged
}
