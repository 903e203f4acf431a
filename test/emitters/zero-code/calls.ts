/** One call with every SDK, as an app that knows nothing of Outlay makes it. */
import type * as bedrock from '@aws-sdk/client-bedrock-runtime'
import type * as anthropic from '@anthropic-ai/sdk'
import type * as google from '@google/genai'
import type * as mistral from '@mistralai/mistralai'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import type * as cohere from 'cohere-ai'
import type * as openai from 'openai'

/** As imported or required by the app. */
export interface Sdks {
  readonly openai: typeof openai
  readonly anthropic: typeof anthropic
  readonly google: typeof google
  readonly mistral: typeof mistral
  readonly cohere: typeof cohere
  readonly bedrock: typeof bedrock
}

const messages = [{ role: 'user' as const, content: 'hello' }]

const openAiCalls = async ({ openai: { default: OpenAI, OpenAI: Named, AzureOpenAI } }: Sdks, url: string) => {
  class Subclass extends OpenAI {
    readonly own = 'kept'
  }
  const options = { apiKey: 'stub', baseURL: `${url}/v1`, maxRetries: 0 }
  const client = new OpenAI(options)
  const subclass = new Subclass(options)
  const azure = new AzureOpenAI({ ...options, apiVersion: '2026-10-01', deployment: 'd' })
  for (const each of [client, client.withOptions({ maxRetries: 1 }), subclass, subclass.withOptions({}), azure]) {
    await each.chat.completions.create({ model: 'gpt-5', messages })
  }
  return {
    'one class under two names': OpenAI === Named,
    'instances are of their class': client instanceof OpenAI && client instanceof Named && subclass instanceof OpenAI,
    'subclasses stay': subclass instanceof Subclass && subclass.own === 'kept',
    'statics stay': typeof OpenAI.APIError === 'function',
  }
}

const anthropicCall = ({ anthropic: { default: Anthropic } }: Sdks, url: string) =>
  new Anthropic({ apiKey: 'stub', baseURL: url }).messages
    .stream({ model: 'claude-sonnet-5-5', max_tokens: 100, messages })
    .finalMessage()

const bedrockCalls = async (
  { bedrock: { BedrockRuntime, BedrockRuntimeClient, ConverseCommand } }: Sdks,
  url: string,
) => {
  const config = {
    region: 'eu-west-1',
    endpoint: url,
    credentials: { accessKeyId: 'stub', secretAccessKey: 'stub' },
    requestHandler: new NodeHttpHandler(),
  }
  const request = {
    modelId: 'amazon.nova-pro-v1:0',
    messages: [{ role: 'user' as const, content: [{ text: 'hello' }] }],
  }
  await new BedrockRuntimeClient(config).send(new ConverseCommand(request))
  await new BedrockRuntime(config).converse(request)
}

/** Answers what the app sees of the classes. */
export const makeCalls = async (sdks: Sdks, url: string): Promise<object> => {
  const seen = await openAiCalls(sdks, url)
  await anthropicCall(sdks, url)
  const gemini = new sdks.google.GoogleGenAI({ apiKey: 'stub', httpOptions: { baseUrl: url } })
  await gemini.models.generateContent({ model: 'gemini-2.5-flash', contents: 'hello' })
  await gemini.chats.create({ model: 'gemini-2.5-flash' }).sendMessage({ message: 'hello' })
  const mistralClient = new sdks.mistral.Mistral({ apiKey: 'stub', serverURL: `${url}/mistral` })
  await mistralClient.chat.complete({ model: 'mistral-large-2611', messages })
  const cohereClient = new sdks.cohere.CohereClientV2({ token: 'stub', environment: url })
  await cohereClient.chat({ model: 'command-a-03-2025', messages })
  await bedrockCalls(sdks, url)
  return seen
}
