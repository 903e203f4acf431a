/**
 * Answers that may be repeated, always with their age: one that is fresh still, so that many browsers ask the ledger
 * once; and the last one of a slow ledger, after a short wait and while the new one is being read. A question that is
 * being read is not read twice at once.
 */
import type { Clock } from '@outlay/core'

export interface AgedAnswer<Answer> {
  readonly answer: Answer
  /** Time since it was read; 0 for a new one. */
  readonly ageMs: number
}

interface LastAnswersSettings {
  /** An answer that is younger is not read again. */
  readonly freshMs: number
  /** How long a question waits before it takes its last answer. */
  readonly patienceMs: number
  /** Answers that are kept; the one that was read longest ago goes first. */
  readonly answersMax: number
  readonly clock: Clock
}

export interface LastAnswers<Answer> {
  /** Fails as `read` fails, unless the last answer was taken before that. */
  ask(question: string, read: () => Promise<Answer>): Promise<AgedAnswer<Answer>>
}

const waited = Symbol('waited')

export const createLastAnswers = <Answer>({
  freshMs,
  patienceMs,
  answersMax,
  clock,
}: LastAnswersSettings): LastAnswers<Answer> => {
  const last = new Map<string, { readonly answer: Answer; readonly readAtMs: number }>()
  const reading = new Map<string, Promise<Answer>>()

  const keep = (question: string, answer: Answer): void => {
    last.delete(question)
    last.set(question, { answer, readAtMs: clock.now() })
    const [oldest] = last.keys()
    if (last.size > answersMax && oldest !== undefined) last.delete(oldest)
  }
  const start = (question: string, read: () => Promise<Answer>): Promise<Answer> => {
    const answer = read()
      .then((value) => {
        keep(question, value)
        return value
      })
      .finally(() => reading.delete(question))
    reading.set(question, answer)
    return answer
  }

  return {
    ask: async (question, read) => {
      const known = last.get(question)
      const ageMs = known === undefined ? 0 : clock.now() - known.readAtMs
      if (known !== undefined && ageMs < freshMs) return { answer: known.answer, ageMs }
      const answer = reading.get(question) ?? start(question, read)
      if (known === undefined) return { answer: await answer, ageMs: 0 }
      // Its failure belongs to nobody once the last answer was taken.
      answer.catch(() => undefined)
      let timer: NodeJS.Timeout | undefined
      const patience = new Promise<typeof waited>((resolve) => {
        timer = setTimeout(resolve, patienceMs, waited)
      })
      const first = await Promise.race([answer, patience]).finally(() => clearTimeout(timer))
      return first === waited
        ? { answer: known.answer, ageMs: clock.now() - known.readAtMs }
        : { answer: first, ageMs: 0 }
    },
  }
}
