/** OTLP/JSON requests of made-up calls, and sending them. */
import { GEN_AI, OUTLAY, OWN_SCOPE_NAME, STANDARD } from '@outlay/semconv'

export interface MadeUpSpan {
  readonly trace: number
  readonly span: number
  readonly parent?: number
  /** ISO 8601; a day in October where it is left out. */
  readonly at?: string
  readonly name?: string
  readonly scope?: string
  readonly kind?: number
  readonly attributes?: Readonly<Record<string, string | number>>
  readonly statusMessage?: string
  readonly events?: readonly { readonly name: string; readonly attributes: Readonly<Record<string, string>> }[]
}

const START_NANOS = BigInt(Date.UTC(2026, 9, 5, 10)) * 1_000_000n
const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0')

const attribute = ([key, value]: [string, string | number]) => ({
  key,
  value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
})

const startNanosOf = ({ at }: MadeUpSpan): bigint =>
  at === undefined ? START_NANOS : BigInt(Date.parse(at)) * 1_000_000n

const spanOf = (span: MadeUpSpan) => ({
  traceId: hex(span.trace, 32),
  spanId: hex(span.span, 16),
  ...(span.parent === undefined ? {} : { parentSpanId: hex(span.parent, 16) }),
  name: span.name ?? 'chat gpt-5',
  kind: span.kind ?? 3,
  startTimeUnixNano: String(startNanosOf(span)),
  endTimeUnixNano: String(startNanosOf(span) + 1_000_000_000n),
  attributes: Object.entries(span.attributes ?? {}).map(attribute),
  events: (span.events ?? []).map(({ name, attributes }) => ({
    name,
    timeUnixNano: String(startNanosOf(span)),
    attributes: Object.entries(attributes).map(attribute),
  })),
  status: span.statusMessage === undefined ? {} : { code: 2, message: span.statusMessage },
})

export const otlpRequest = (spans: readonly MadeUpSpan[], resource: Readonly<Record<string, string>> = {}): object => {
  const scopes = [...new Set(spans.map(({ scope }) => scope ?? OWN_SCOPE_NAME))]
  return {
    resourceSpans: [
      {
        resource: { attributes: Object.entries({ 'service.name': 'made-up', ...resource }).map(attribute) },
        scopeSpans: scopes.map((name) => ({
          scope: { name },
          spans: spans.filter(({ scope }) => (scope ?? OWN_SCOPE_NAME) === name).map(spanOf),
        })),
      },
    ],
  }
}

/** A complete call in our own dialect: 1,000 input and 100 output tokens of gpt-5, 2,250 millionths of a dollar. */
export const ownCall = (trace: number, span: number): MadeUpSpan => ({
  trace,
  span,
  attributes: {
    [GEN_AI.OPERATION_NAME]: 'chat',
    [GEN_AI.PROVIDER_NAME]: 'openai',
    [GEN_AI.REQUEST_MODEL]: 'gpt-5',
    [GEN_AI.RESPONSE_MODEL]: 'gpt-5',
    [OUTLAY.TENANT_ID]: 'acme',
    [OUTLAY.FEATURE]: 'support-chat',
    [OUTLAY.WORKLOAD]: 'chat',
    [OUTLAY.TIER]: 'pro',
    [OUTLAY.TASK_ID]: `task-${trace}`,
    [STANDARD.USER_ID]: `h_${hex(trace % 5, 64)}`,
    [OUTLAY.USAGE_STATUS]: 'reported',
    [OUTLAY.USAGE_RAW]: JSON.stringify({ prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100 }),
  },
})

export interface CallShape {
  readonly at: string
  readonly tenant: string
  readonly inputTokens: number
  readonly provider?: string
  readonly model?: string
}

/** A complete call in our own dialect, one trace each, of some size and time. */
export const shapedCall = (trace: number, shape: CallShape): MadeUpSpan => {
  const { at, tenant, inputTokens, provider = 'openai', model = 'gpt-5' } = shape
  const call = ownCall(trace, trace)
  const usage = { prompt_tokens: inputTokens, completion_tokens: 100, total_tokens: inputTokens + 100 }
  return {
    ...call,
    at,
    attributes: {
      ...call.attributes,
      [GEN_AI.PROVIDER_NAME]: provider,
      [GEN_AI.REQUEST_MODEL]: model,
      [GEN_AI.RESPONSE_MODEL]: model,
      [OUTLAY.TENANT_ID]: tenant,
      [OUTLAY.USAGE_RAW]: JSON.stringify(usage),
    },
  }
}

/** Sends one request; true when the collector said OK. A connection that breaks is no OK. */
export const sendRequest = async (
  url: string,
  request: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<boolean> => {
  try {
    const response = await fetch(`${url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(request),
    })
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}
