/**
 * Where the events of a streamed answer carry usage, and what a later event does to an earlier one (spec: counters §5,
 * "Streaming"). Paths are keys from the event down; `*` is every element of a list.
 */
export type StreamApi =
  | 'openai_chat'
  | 'openai_responses'
  | 'anthropic_messages'
  | 'gemini'
  | 'bedrock_converse'
  | 'bedrock_invoke'
  | 'mistral'
  | 'cohere'

/** One place in an event. Without `types` it is looked for in every event. */
interface EventPlace {
  readonly types?: readonly string[]
  readonly path: readonly string[]
}

interface UsagePlace extends EventPlace {
  /**
   * `replace`: the whole object takes the place of what was known. `fields`: each field that it has replaces that field;
   * `null` says that a field does not apply. `fallback`: the whole object, where the output is not known without it; it is of
   * another shape, so the two are never mixed. Nothing is ever added up: counters of a stream are running totals.
   */
  readonly merge: 'replace' | 'fields' | 'fallback'
  /** The output counter is a placeholder that a later event replaces. */
  readonly placeholder?: boolean
}

export interface StreamRule {
  readonly usage: readonly UsagePlace[]
  /** The model has ended its answer where one of these holds anything but `null`. */
  readonly finished: readonly EventPlace[]
  /**
   * When the counters are final. `usage_event`: there is only one. `usage_at_end`: with the first usage at the end of the
   * answer or after it; what came before is a running total. `end_of_answer`: as soon as the answer has ended, since the
   * last usage comes before its end.
   */
  readonly countedBy: 'usage_event' | 'usage_at_end' | 'end_of_answer'
  /** An event that carries usage and an empty list here is the last one, whatever came before. */
  readonly emptyWhenFinal?: readonly string[]
}

const ANTHROPIC_START: UsagePlace = {
  types: ['message_start'],
  path: ['message', 'usage'],
  merge: 'replace',
  placeholder: true,
}

const ANTHROPIC: StreamRule = {
  usage: [ANTHROPIC_START, { types: ['message_delta'], path: ['usage'], merge: 'fields' }],
  finished: [
    { types: ['message_delta'], path: ['delta', 'stop_reason'] },
    { types: ['message_stop'], path: ['type'] },
  ],
  countedBy: 'end_of_answer',
}

const RESPONSES_END = ['response.completed', 'response.incomplete', 'response.failed']

export const STREAM_RULES: Readonly<Record<StreamApi, StreamRule>> = {
  // In one further chunk without choices, if `stream_options.include_usage` asked for it.
  openai_chat: {
    usage: [{ path: ['usage'], merge: 'replace' }],
    finished: [{ path: ['choices', '*', 'finish_reason'] }],
    countedBy: 'usage_at_end',
    emptyWhenFinal: ['choices'],
  },
  openai_responses: {
    usage: [{ types: RESPONSES_END, path: ['response', 'usage'], merge: 'replace' }],
    finished: [{ types: RESPONSES_END, path: ['type'] }],
    countedBy: 'end_of_answer',
  },
  anthropic_messages: ANTHROPIC,
  // Each chunk holds running totals; later ones may leave fields out.
  gemini: {
    usage: [
      { path: ['usageMetadata'], merge: 'fields' },
      { path: ['usage_metadata'], merge: 'fields' },
    ],
    finished: [{ path: ['candidates', '*', 'finishReason'] }, { path: ['candidates', '*', 'finish_reason'] }],
    countedBy: 'usage_at_end',
  },
  bedrock_converse: {
    usage: [{ path: ['metadata', 'usage'], merge: 'replace' }],
    finished: [{ path: ['messageStop'] }],
    countedBy: 'usage_event',
  },
  // Bodies of the model's maker: Anthropic's, Nova's, OpenAI's. Others report nothing but the metrics of Bedrock at the end,
  // which count the same without times to live.
  bedrock_invoke: {
    ...ANTHROPIC,
    usage: [
      ANTHROPIC_START,
      { path: ['usage'], merge: 'fields' },
      { path: ['metadata', 'usage'], merge: 'replace' },
      { path: ['amazon-bedrock-invocationMetrics'], merge: 'fallback' },
    ],
    finished: [...ANTHROPIC.finished, { path: ['metadata', 'usage'] }, { path: ['amazon-bedrock-invocationMetrics'] }],
  },
  mistral: {
    usage: [{ path: ['data', 'usage'], merge: 'replace' }],
    finished: [{ path: ['data', 'choices', '*', 'finishReason'] }, { path: ['data', 'choices', '*', 'finish_reason'] }],
    countedBy: 'usage_at_end',
  },
  cohere: {
    usage: [{ types: ['message-end'], path: ['delta', 'usage'], merge: 'replace' }],
    finished: [{ types: ['message-end'], path: ['type'] }],
    countedBy: 'usage_event',
  },
}
