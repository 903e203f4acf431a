/** What the senders wrote down. */
import { readFileSync } from 'node:fs'
import type { SentCall } from './made-request.ts'
import type { SenderLine } from './sender-messages.ts'

export interface SentCalls {
  /** By span id. */
  readonly acked: ReadonlyMap<string, SentCall>
  /** Sent, and never said to be stored: they may be. */
  readonly unacked: ReadonlyMap<string, SentCall>
  readonly wrongAnswers: readonly string[]
  /** Attempts that got no OK, by what they got. */
  readonly refused: Readonly<Record<string, number>>
}

const linesOf = (file: string): SenderLine[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as SenderLine)

export const readSenderFiles = (files: readonly string[]): SentCalls => {
  const acked = new Map<string, SentCall>()
  const unacked = new Map<string, SentCall>()
  const wrongAnswers: string[] = []
  const refused: Record<string, number> = {}
  for (const file of files) {
    const requests = new Map<number, readonly SentCall[]>()
    for (const line of linesOf(file)) {
      if ('calls' in line) requests.set(line.request, line.calls)
      else if ('wrong' in line) wrongAnswers.push(line.wrong)
      else if ('refused' in line) refused[line.refused] = (refused[line.refused] ?? 0) + 1
      else {
        for (const call of requests.get(line.acked) ?? []) acked.set(call.id, call)
        requests.delete(line.acked)
      }
    }
    for (const calls of requests.values()) for (const call of calls) unacked.set(call.id, call)
  }
  return { acked, unacked, wrongAnswers, refused }
}
