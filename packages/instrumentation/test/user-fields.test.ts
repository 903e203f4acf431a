/** The hashed id in the fields that providers have for end users: opt-in, at the providers' own hosts, never over the caller's. */
import Anthropic from '@anthropic-ai/sdk'
import OpenAI, { AzureOpenAI } from 'openai'
import { expect, test } from 'vitest'
import { hashUserId, withAttribution, wrap } from '#src/index.ts'
import { chatRequest, messageRequest, startHarness, USER_KEY, WHO } from './harness.ts'

const HASH = hashUserId('ann', USER_KEY)
const asAnn = <Result>(fn: () => Result): Result => withAttribution({ ...WHO, user: 'ann' }, fn)

/** Clients that believe to talk to the providers themselves. */
const start = async (policy: object = { sendUserToProviders: true }) => {
  const harness = await startHarness({ policy })
  const fetchFrom = (host: string) => (input: string | URL | Request, init?: RequestInit) =>
    fetch((input instanceof Request ? input.url : input.toString()).replace(host, harness.stub.url), init)
  const at = (host: string) => ({ apiKey: 'stub', maxRetries: 0, fetch: fetchFrom(host) })
  const openai = (host = 'https://api.openai.com') => wrap(new OpenAI({ ...at(host), baseURL: `${host}/v1` }))
  const azureHost = 'https://acme.openai.azure.com'
  return {
    harness,
    openai,
    anthropic: wrap(new Anthropic(at('https://api.anthropic.com'))),
    azure: wrap(new AzureOpenAI({ ...at(azureHost), baseURL: `${azureHost}/v1`, apiVersion: '2026-10-01' })),
    sent: () => harness.stub.requests.at(-1)?.body,
    [Symbol.asyncDispose]: () => harness[Symbol.asyncDispose](),
  }
}

test('OpenAI, Azure and Anthropic are told the hashed id, streams and helpers included', async () => {
  await using run = await start()
  const openai = run.openai()
  const before = chatRequest()
  await asAnn(() => openai.chat.completions.create(before))
  expect(run.sent()).toEqual({ ...before, safety_identifier: HASH })
  expect(before).not.toHaveProperty('safety_identifier')
  await asAnn(() => openai.chat.completions.stream(chatRequest()).finalChatCompletion())
  expect(run.sent()).toMatchObject({ safety_identifier: HASH, stream_options: { include_usage: true } })
  await asAnn(() => openai.responses.create({ model: 'gpt-5', input: 'hello' }))
  expect(run.sent()).toMatchObject({ safety_identifier: HASH })
  await asAnn(() => openai.embeddings.create({ model: 'text-embedding-3-small', input: 'x' }))
  expect(run.sent()).toMatchObject({ user: HASH })
  await asAnn(() => run.azure.chat.completions.create(chatRequest()))
  expect(run.sent()).toMatchObject({ user: HASH })
  expect(run.sent()).not.toHaveProperty('safety_identifier')
  await asAnn(() => run.anthropic.messages.create(messageRequest()))
  expect(run.sent()).toMatchObject({ metadata: { user_id: HASH } })
})

test('what the caller has set stands, also null', async () => {
  await using run = await start()
  const openai = run.openai()
  for (const own of [{ safety_identifier: 'mine' }, { user: 'mine' }, { safety_identifier: null }]) {
    await asAnn(() => openai.chat.completions.create(chatRequest(own)))
    expect(run.sent()).toEqual(chatRequest(own))
  }
  for (const metadata of [{ user_id: 'mine' }, { user_id: null }]) {
    await asAnn(() => run.anthropic.messages.create(messageRequest({ metadata })))
    expect(run.sent()).toEqual(messageRequest({ metadata }))
  }
})

test('nobody is told unless the policy says so', async () => {
  await using run = await start({})
  await asAnn(() => run.openai().chat.completions.create(chatRequest()))
  expect(run.sent()).toEqual(chatRequest())
  await asAnn(() => run.anthropic.messages.create(messageRequest()))
  expect(run.sent()).toEqual(messageRequest())
})

test('other hosts that speak OpenAI’s API are told nothing', async () => {
  await using run = await start()
  for (const host of ['https://api.groq.com', 'https://llm.example.com', run.harness.stub.url]) {
    await asAnn(() => run.openai(host).chat.completions.create(chatRequest()))
    expect(run.sent()).toEqual(chatRequest())
  }
})

test('a raw id is never told, and a shared run has none to tell', async () => {
  await using run = await start({ sendUserToProviders: true, unsafeRawUserIds: true })
  await asAnn(() => run.openai().chat.completions.create(chatRequest()))
  expect(run.sent()).toEqual(chatRequest())
  await withAttribution({ ...WHO, subject: 'account' }, () => run.openai().chat.completions.create(chatRequest()))
  expect(run.sent()).toEqual(chatRequest())
})
