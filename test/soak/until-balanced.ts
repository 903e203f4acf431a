import { setTimeout as delay } from 'node:timers/promises'
import { type Books, readBooks } from './books.ts'
import { readSenderFiles } from './sender-files.ts'
import { DATABASE, type Stage } from './stage.ts'

/** A ledger that takes in nothing more for so long will not: what settlement waits for takes less. */
const STALLED_MS = 120_000
const PAUSE_MS_LEAST = 500
/** The books of a long run are work for a database that is at work: it has at least so many times as long for itself. */
const PAUSE_PER_READING = 3

/** Once nothing is sent and nothing is broken any more: the books as soon as they balance, or when nothing moves in them. */
export const untilBalanced = async ({ client, senderFiles }: Stage): Promise<Books> => {
  const sent = readSenderFiles(senderFiles)
  let stored = -1
  let movedMs = performance.now()
  for (;;) {
    const startedMs = performance.now()
    const books = await readBooks(client, DATABASE, sent)
    const readMs = performance.now()
    if (books.stored !== stored) movedMs = readMs
    stored = books.stored
    if (books.differences.length === 0 || readMs - movedMs > STALLED_MS) return books
    await delay(Math.max(PAUSE_MS_LEAST, PAUSE_PER_READING * (readMs - startedMs)))
  }
}
