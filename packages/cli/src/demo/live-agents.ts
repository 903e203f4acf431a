/**
 * Sample applications that run now: a chat, a retrieval lookup and an agent, written with the real provider SDKs as a
 * customer would write them, against a local stub provider. What they spend arrives through the collector.
 */
import { setTimeout as delay } from 'node:timers/promises'
import Anthropic from '@anthropic-ai/sdk'
import { type OutlayRegistration, registerOutlay, withAttribution, withTask, wrap } from '@outlay/instrumentation'
import { type StubProvider, startStubProvider } from '@outlay/testkit'
import OpenAI from 'openai'
import { DEMO_USER_KEY, type DemoFeature, type DemoTenant, FEATURES, TENANTS, usersOf } from './demo-company.ts'
import { premiumModel } from './model-choice.ts'
import { createRandom, type Random } from './random.ts'

export interface LiveAgents {
  /** One task of each kind. */
  runOnce(): Promise<void>
  /** Tasks at a walking pace until stopped. */
  keepRunning(signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

const PAUSE_MS = { least: 2_000, most: 8_000 }
const AGENT_STEPS = 4
const ANSWER_TOKENS_MAX = 400

interface Clients {
  readonly openai: OpenAI
  readonly anthropic: Anthropic
}

const chat = async ({ openai }: Clients): Promise<void> => {
  const stream = await openai.chat.completions.create({
    model: premiumModel('chat', Date.now()).model,
    stream: true,
    messages: [{ role: 'user', content: 'Where is my parcel, and when will it arrive?' }],
  })
  for await (const chunk of stream) void chunk
}

const lookup = async ({ openai, anthropic }: Clients): Promise<void> => {
  await openai.responses.create({
    model: premiumModel('chat', Date.now()).model,
    input: 'Rewrite the question for search.',
  })
  await anthropic.messages.create({
    model: premiumModel('rag', Date.now()).model,
    max_tokens: ANSWER_TOKENS_MAX,
    messages: [{ role: 'user', content: 'Answer from these passages: …' }],
  })
}

const agent = async ({ anthropic }: Clients): Promise<void> => {
  for (let step = 0; step < AGENT_STEPS; step += 1) {
    const stream = anthropic.messages.stream({
      model: premiumModel('agent', Date.now()).model,
      max_tokens: ANSWER_TOKENS_MAX,
      messages: [{ role: 'user', content: `Step ${step + 1}: read the next message and file it.` }],
    })
    await stream.finalMessage()
  }
}

const SCENES: readonly { readonly feature: DemoFeature; readonly run: (clients: Clients) => Promise<void> }[] = [
  { feature: FEATURES.supportChat, run: chat },
  { feature: FEATURES.docsSearch, run: lookup },
  { feature: FEATURES.inboxAgent, run: agent },
]

export const startLiveAgents = async (endpoint: string): Promise<LiveAgents> => {
  const provider: StubProvider = await startStubProvider()
  const outlay: OutlayRegistration = registerOutlay({
    endpoint,
    serviceName: 'demo-app',
    environment: 'production',
    userKey: DEMO_USER_KEY,
  })
  const clients: Clients = {
    openai: wrap(new OpenAI({ apiKey: 'stub', baseURL: `${provider.url}/v1` })),
    anthropic: wrap(new Anthropic({ apiKey: 'stub', baseURL: provider.url })),
  }
  const random = createRandom('live', String(Date.now()))
  const run = async (tenant: DemoTenant, scene: (typeof SCENES)[number]): Promise<void> => {
    const { feature, workload, taskType } = scene.feature
    const user = random.pick(usersOf(tenant)).id
    await withAttribution({ tenant: tenant.tenant, tier: tenant.tier, user, feature, workload }, () =>
      withTask({ type: taskType }, () => scene.run(clients)),
    )
  }
  return {
    runOnce: async () => {
      for (const scene of SCENES) await run(sceneTenant(scene.feature, random), scene)
      await outlay.forceFlush()
    },
    keepRunning: async (signal) => {
      while (!signal.aborted) {
        const scene = random.pick(SCENES)
        await run(sceneTenant(scene.feature, random), scene)
        await delay(random.between(PAUSE_MS.least, PAUSE_MS.most), undefined, { signal }).catch(() => undefined)
      }
    },
    close: async () => {
      await outlay.shutdown()
      await provider.close()
    },
  }
}

/** Only tenants whose plan has the feature use it. */
const sceneTenant = (feature: DemoFeature, random: Random): DemoTenant =>
  random.pick(TENANTS.filter(({ habits }) => habits.some((habit) => habit.feature.feature === feature.feature)))
