/** Answers of the stub provider: by lane, each case's answers in order. */
import { type StubAnswer, type StubRequest, usageOf } from '@outlay/testkit'
import { caseOf, CASES, type CaseId, shifted } from './cases.ts'
import type { Emitter } from './emitter.ts'
import { laneName } from './lane-name.ts'

/** Wider than the list of cases is long: no two cases of two emitters are shifted alike. */
const CASES_MAX = 64

const NO_MORE: StubAnswer = { error: { status: 400, message: 'the case has no more answers' } }

/** SDKs that get an object out of Claude force a tool upon it; its input is then the object. */
const asForcedTool = (answer: StubAnswer, { body }: StubRequest): StubAnswer => {
  const { tool_choice: choice } = (body ?? {}) as { tool_choice?: { type?: string; name?: string } }
  if (choice?.type !== 'tool' || choice.name === undefined || answer.text === undefined) return answer
  return { ...answer, toolCall: { name: choice.name, arguments: JSON.parse(answer.text) as Record<string, unknown> } }
}

const scripted = (id: CaseId, shift: number): readonly StubAnswer[] => {
  const { api, answers } = caseOf(id)
  return answers.map(({ meters, ...answer }) =>
    meters === undefined ? answer : { ...answer, usage: usageOf(api, shifted(meters, shift)) },
  )
}

/** One script for all emitters at once. */
export const providerScript = (emitters: readonly Emitter[]): ((request: StubRequest) => StubAnswer) => {
  const order = Object.keys(CASES) as CaseId[]
  const queues = new Map(
    emitters.flatMap(({ id, cases }, index) =>
      cases.map((name) => {
        const shift = index * CASES_MAX + order.indexOf(name)
        return [`/${laneName(id, name)}`, [...scripted(name, shift)]]
      }),
    ),
  )
  return (request) => asForcedTool(queues.get(request.lane)?.shift() ?? NO_MORE, request)
}
