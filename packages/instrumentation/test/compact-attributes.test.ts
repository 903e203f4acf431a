/** The attributes of our spans stay in V8's compact form; without `keepCompact` they would all be hash tables. */
import { setFlagsFromString } from 'node:v8'
import { trace } from '@opentelemetry/api'
import { expect, test } from 'vitest'
import { SCOPE_NAME } from '#src/scope.ts'
import { startHarness } from './harness.ts'

setFlagsFromString('--allow-natives-syntax')
// oxlint-disable-next-line typescript/no-implied-eval -- the only way to ask V8
const isCompact = new Function('object', 'return %HasFastProperties(object)') as (object: object) => boolean
setFlagsFromString('--no-allow-natives-syntax')

const NAMES = 24

const endSpans = (scope: string, prefix: string): void => {
  for (let count = 0; count < 100; count += 1) {
    const span = trace.getTracer(scope).startSpan('chat')
    for (let name = 0; name < NAMES; name += 1) span.setAttribute(`${prefix}.${name}`, `${name}`)
    span.end()
  }
}

test('the attributes of a kind of call are compact once some such calls have ended', async () => {
  await using harness = await startHarness()
  endSpans(SCOPE_NAME, 'gen_ai.ours')
  const compact = harness.spans().map(({ attributes }) => isCompact(attributes))
  expect([compact.at(0), compact.at(-1)]).toEqual([false, true])
  expect(Object.values(harness.spans().at(-1)?.attributes ?? {})).toEqual(
    Array.from({ length: NAMES }, (_, name) => `${name}`),
  )
})

test('nothing is kept of the spans of others', async () => {
  await using harness = await startHarness()
  endSpans('some-framework', 'gen_ai.theirs')
  expect(harness.spans().some(({ attributes }) => isCompact(attributes))).toBe(false)
})
