import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { withAttribution } from '#src/index.ts'
import { chatRequest, PATIENT, startHarness, WHO } from './harness.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

test('a stream that the app forgets is counted as partial once it is collected', async () => {
  await using harness = await startHarness()
  const forget = async (): Promise<void> => {
    await withAttribution(WHO, () => harness.openai.chat.completions.create(chatRequest({ stream: true })))
  }
  await forget()
  expect(harness.spans()).toHaveLength(0)
  await expect
    .poll(() => {
      collectGarbage()
      return harness.spans().length
    }, PATIENT)
    .toBe(1)
  expect(harness.attributes()['outlay.usage.status']).toBe('partial')
})

test('a stream whose iterator is in use is not taken for forgotten', async () => {
  await using harness = await startHarness()
  const iterator = await withAttribution(WHO, async () =>
    (await harness.openai.chat.completions.create(chatRequest({ stream: true })))[Symbol.asyncIterator](),
  )
  await iterator.next()
  collectGarbage()
  await new Promise((resume) => setImmediate(resume))
  let done = false
  while (!done) done = (await iterator.next()).done === true
  expect(harness.attributes()['outlay.usage.status']).toBe('reported')
})
