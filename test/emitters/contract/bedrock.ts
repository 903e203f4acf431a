/** Amazon Bedrock through the AWS SDK: Converse, and InvokeModel in the shapes of the models' makers. */
import {
  BedrockRuntime,
  BedrockRuntimeClient,
  type BedrockRuntimeClientConfig,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
  type ResponseStream,
} from '@aws-sdk/client-bedrock-runtime'
import type { MeterQuantities } from '@outlay/core'
import type { StubApi } from '@outlay/testkit'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { ANTHROPIC_MESSAGES, BEDROCK_MESSAGES, SYSTEM_PROMPT } from './conversations.ts'
import { type ClientSettings, type Wrapper, wrapper } from './wrapper.ts'

const configOf = ({ url, retries, timeoutMs }: ClientSettings): BedrockRuntimeClientConfig => ({
  region: 'eu-west-1',
  endpoint: url,
  credentials: { accessKeyId: 'stub', secretAccessKey: 'stub' },
  maxAttempts: retries + 1,
  // The stub does not speak HTTP/2.
  requestHandler: new NodeHttpHandler({ requestTimeout: timeoutMs, throwOnRequestTimeout: true }),
})
export const createClient = (settings: ClientSettings, further: BedrockRuntimeClientConfig = {}) =>
  new BedrockRuntimeClient({ ...configOf(settings), ...further })

const optionsWith = (signal: AbortSignal | undefined) => (signal === undefined ? {} : { abortSignal: signal })

export const conversation = {
  modelId: 'eu.anthropic.claude-sonnet-5-5-20261001-v1:0',
  system: [{ text: SYSTEM_PROMPT }],
  messages: BEDROCK_MESSAGES,
}

type Events<Event> = AsyncIterable<Event> | undefined

/** The events of a stream without the rest of the answer. */
const eventsOf = async <Event>(answer: Promise<{ stream?: Events<Event>; body?: Events<Event> }>) => {
  const { stream, body } = await answer
  return stream ?? body ?? empty()
}
const empty = (): AsyncIterable<never> => {
  throw new Error('the answer has no stream')
}

const readable = (bytes: Uint8Array | undefined): unknown => JSON.parse(Buffer.from(bytes ?? []).toString())

/** The body and its bytes as text, so that the contract compares what a model says. */
const invoked = async (answer: Promise<{ body: Uint8Array | undefined }>): Promise<unknown> =>
  readable((await answer).body)

const invokedEvents = (answer: Promise<{ body: Events<ResponseStream> }>) => ({
  async *[Symbol.asyncIterator]() {
    for await (const { chunk } of await eventsOf(answer)) yield readable(chunk?.bytes)
  },
})

interface Invocation {
  readonly id: string
  readonly api: StubApi
  readonly modelId: string
  readonly meters: MeterQuantities
  readonly toolless?: true
  readonly streamless?: true
}

const invocation = ({ id, api, modelId, meters, toolless, streamless }: Invocation): Wrapper => {
  const request = {
    modelId,
    body: JSON.stringify({ system: SYSTEM_PROMPT, messages: ANTHROPIC_MESSAGES }),
    contentType: 'application/json',
  }
  return wrapper<BedrockRuntimeClient>({
    id: `bedrock InvokeModel, ${id}`,
    api,
    provider: 'aws.bedrock',
    meters,
    create: createClient,
    call: (client, signal) => invoked(client.send(new InvokeModelCommand(request), optionsWith(signal))),
    ...(streamless === true
      ? {}
      : {
          stream: async (client: BedrockRuntimeClient, signal?: AbortSignal) =>
            invokedEvents(client.send(new InvokeModelWithResponseStreamCommand(request), optionsWith(signal))),
        }),
    ...(toolless === true ? { toolless } : {}),
  })
}

const COUNTED = { input: 700, output: 40 }

export const BEDROCK: readonly Wrapper[] = [
  wrapper<BedrockRuntimeClient>({
    id: 'bedrock Converse',
    api: 'bedrock.converse',
    provider: 'aws.bedrock',
    meters: { input: 700, cache_read: 300, cache_write_5m: 20, cache_write_1h: 10, output: 40 },
    create: createClient,
    call: (client, signal) => client.send(new ConverseCommand(conversation), optionsWith(signal)),
    stream: (client, signal) => eventsOf(client.send(new ConverseStreamCommand(conversation), optionsWith(signal))),
  }),
  wrapper<BedrockRuntime>({
    id: 'bedrock Converse, methods of the aggregated client',
    api: 'bedrock.converse',
    provider: 'aws.bedrock',
    meters: { input: 700, cache_read: 300, cache_write_unknown: 20, output: 40 },
    create: (settings) => new BedrockRuntime(configOf(settings)),
    call: (client, signal) => client.converse(conversation, optionsWith(signal)),
    stream: (client, signal) => eventsOf(client.converseStream(conversation, optionsWith(signal))),
  }),
  invocation({
    id: 'Anthropic',
    api: 'bedrock.invoke.anthropic',
    modelId: 'global.anthropic.claude-sonnet-5-5-20261001-v1:0',
    meters: { input: 700, cache_read: 300, cache_write_5m: 20, cache_write_1h: 10, output: 40, output_reasoning: 60 },
  }),
  invocation({
    id: 'Nova',
    api: 'bedrock.invoke.nova',
    modelId: 'eu.amazon.nova-pro-v1:0',
    meters: { ...COUNTED, cache_read: 300, cache_write_unknown: 20 },
  }),
  invocation({
    id: 'Llama',
    api: 'bedrock.invoke',
    modelId: 'meta.llama4-maverick-v1:0',
    meters: COUNTED,
    toolless: true,
  }),
  invocation({ id: 'Mistral', api: 'bedrock.invoke', modelId: 'mistral.pixtral-large-2502-v1:0', meters: COUNTED }),
  invocation({ id: 'Cohere', api: 'bedrock.invoke', modelId: 'cohere.command-r-v1:0', meters: COUNTED }),
  invocation({
    id: 'Titan embeddings',
    api: 'bedrock.invoke',
    modelId: 'amazon.titan-embed-text-v2:0',
    meters: { input: 77 },
    toolless: true,
    streamless: true,
  }),
]
