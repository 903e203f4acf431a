/** Clients that fetch their keys: a wrapped one sends what is fetched, too. */
import { withAttribution, wrap } from '@outlay/instrumentation'
import * as openai from 'openai'
import * as openai5 from 'openai-5'
import * as openai6 from 'openai-6'
import { expect, test } from 'vitest'
import { startHarness } from '../../../packages/instrumentation/test/harness.ts'
import { OPENAI_MESSAGES } from './conversations.ts'

type Sdk = Pick<typeof openai, 'AzureOpenAI' | 'OpenAI'>
type Fetch = (url: string | URL | Request, init?: RequestInit) => Promise<Response>

const SDKS = [
  { version: '5', sdk: openai5 as unknown as Sdk },
  { version: '6', sdk: openai6 as unknown as Sdk },
  { version: '7', sdk: openai },
]
const WHO = { tenant: 'acme', feature: 'inbox', workload: 'chat' } as const

interface Door {
  readonly baseURL: string
  readonly fetch: Fetch
}

/** What the wrapped client of `create` sends as its authorization. */
const authorizationOf = async (create: (door: Door) => InstanceType<Sdk['OpenAI']>): Promise<unknown> => {
  await using harness = await startHarness({ script: [{ meters: { input: 9, output: 1 } }] })
  const sent: (string | null)[] = []
  const client = create({
    baseURL: `${harness.stub.url}/v1`,
    fetch: (url, init) => {
      sent.push(new Headers(init?.headers).get('authorization'))
      return fetch(url, init)
    },
  })
  await withAttribution(WHO, () => wrap(client).chat.completions.create({ model: 'gpt-5', messages: OPENAI_MESSAGES }))
  expect(harness.attributes()).toMatchObject({ 'outlay.usage.status': 'reported' })
  return sent
}

test.each(SDKS)('SDK $version: tokens of Entra for Azure', async ({ sdk }) => {
  const azureADTokenProvider = () => Promise.resolve('of Entra')
  const create = (door: Door) => new sdk.AzureOpenAI({ ...door, azureADTokenProvider, apiVersion: '2026-10-01' })
  expect(await authorizationOf(create)).toEqual(['Bearer of Entra'])
})

test.each(SDKS)('SDK $version: a key that is fetched', async ({ sdk }) => {
  const create = (door: Door) => new sdk.OpenAI({ ...door, apiKey: () => Promise.resolve('fetched') })
  expect(await authorizationOf(create)).toEqual(['Bearer fetched'])
})
