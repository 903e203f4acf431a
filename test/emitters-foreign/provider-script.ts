/** Answers of the stub provider: by lane, each case's answers in order. */
import { type StubAnswer, type StubRequest, usageOf } from '@outlay/testkit'
import { caseOf, type CaseId, shiftOf } from './cases.ts'
import type { Emitter } from './emitter.ts'

const NO_MORE: StubAnswer = { error: { status: 400, message: 'the case has no more answers' } }

/** In the path of every request of the case. */
export const laneOf = (emitter: string, id: CaseId): string => `/${emitter}/${id}`

/** Task of every ledger row of the case. */
export const taskOf = (emitter: string, id: CaseId): string => `${emitter}/${id}`

const scripted = (id: CaseId, shift: number): StubAnswer[] => {
  const { api, answers } = caseOf(id)
  return answers.map(({ meters, gemini, ...rest }) => {
    if (gemini !== undefined) return { ...rest, usage: gemini(shift) }
    if (meters === undefined) return rest
    const shifted = Object.entries(meters).map(([meter, quantity]) => [meter, quantity + shift])
    return { ...rest, usage: usageOf(api, Object.fromEntries(shifted)) }
  })
}

/** One script for all emitters at once. */
export const providerScript = (emitters: readonly Emitter[]): ((request: StubRequest) => StubAnswer) => {
  const queues = new Map(
    emitters.flatMap(({ id: emitter, cases }, index) =>
      cases.map((id): [string, StubAnswer[]] => [laneOf(emitter, id), scripted(id, shiftOf(index, id))]),
    ),
  )
  return ({ lane }) => queues.get(lane)?.shift() ?? NO_MORE
}
