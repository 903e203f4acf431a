/** Made-up calls as the OTLP/JSON that `@outlay/instrumentation` (or, for the legacy service, a foreign one) would send. */
import { GEN_AI, OPENAI, OUTLAY, OWN_SCOPE_NAME, STANDARD } from '@outlay/semconv'
import type { HistoryCall } from './history-calls.ts'

interface OtlpAttribute {
  readonly key: string
  readonly value: { readonly stringValue: string } | { readonly intValue: string }
}

const FOREIGN_SCOPE = 'opentelemetry.instrumentation.openai.v1'
const CLIENT_KIND = 3
const NANOS_PER_MS = 1_000_000n

const text = (key: string, value: string | undefined): readonly OtlpAttribute[] =>
  value === undefined || value === '' ? [] : [{ key, value: { stringValue: value } }]
const whole = (key: string, value: number): readonly OtlpAttribute[] => [{ key, value: { intValue: String(value) } }]

const attributesOf = (call: HistoryCall): readonly OtlpAttribute[] => [
  ...text(GEN_AI.OPERATION_NAME, 'chat'),
  ...text(GEN_AI.PROVIDER_NAME, call.model.provider),
  ...text(STANDARD.SERVER_ADDRESS, call.model.host),
  ...text(GEN_AI.REQUEST_MODEL, call.model.model),
  ...text(GEN_AI.RESPONSE_MODEL, call.model.model),
  ...text(GEN_AI.RESPONSE_ID, `resp-${call.spanId}`),
  ...text(OUTLAY.TENANT_ID, call.tenant?.tenant),
  ...text(OUTLAY.TIER, call.tenant?.tier),
  ...text(STANDARD.USER_ID, call.user?.hash),
  ...text(OUTLAY.SUBJECT, call.user === undefined ? 'account' : 'user'),
  ...text(OUTLAY.FEATURE, call.feature.feature),
  ...text(OUTLAY.WORKLOAD, call.feature.workload),
  ...text(OUTLAY.TASK_ID, call.taskId),
  ...text(OUTLAY.TASK_TYPE, call.feature.taskType),
  ...text(STANDARD.SESSION_ID, call.session),
  ...text(OUTLAY.TURN_ID, call.turn),
  ...whole(OUTLAY.ATTEMPT, call.attempt),
  ...text(OUTLAY.OUTCOME, call.outcome),
  ...text(OUTLAY.INTENDED_MODEL, call.intendedModel),
  ...text(OUTLAY.OVERAGE_PATTERN, call.overage?.pattern),
  ...text(OUTLAY.OVERAGE_ACTION, call.overage?.action),
  ...text(OUTLAY.USAGE_RAW, call.sample.usage),
  ...text(OUTLAY.USAGE_STATUS, 'reported'),
]

/** A service that was instrumented long ago by something else: semconv counters, no attribution. */
const foreignAttributesOf = (call: HistoryCall): readonly OtlpAttribute[] => [
  ...text(GEN_AI.OPERATION_NAME, 'chat'),
  ...text(GEN_AI.PROVIDER_NAME, call.model.provider),
  ...text(GEN_AI.REQUEST_MODEL, call.model.model),
  ...text(GEN_AI.RESPONSE_MODEL, call.model.model),
  ...text(OPENAI.RESPONSE_SERVICE_TIER, 'default'),
  ...whole(GEN_AI.USAGE_INPUT_TOKENS, call.sample.meters.input ?? 0),
  ...whole(GEN_AI.USAGE_OUTPUT_TOKENS, call.sample.meters.output ?? 0),
]

const spanOf = (call: HistoryCall, attributes: readonly OtlpAttribute[]) => ({
  traceId: call.traceId,
  spanId: call.spanId,
  name: `chat ${call.model.model}`,
  kind: CLIENT_KIND,
  startTimeUnixNano: String(BigInt(call.startMs) * NANOS_PER_MS),
  endTimeUnixNano: String(BigInt(call.startMs + call.durationMs) * NANOS_PER_MS),
  attributes,
})

const resourceSpans = (service: string, scope: string, spans: readonly object[]) => ({
  resource: { attributes: [...text('service.name', service), ...text('deployment.environment.name', 'production')] },
  scopeSpans: [{ scope: { name: scope }, spans }],
})

/** One trace request. */
export const otlpRequestOf = (calls: readonly HistoryCall[]): object => {
  const own = calls.filter(({ tenant }) => tenant !== undefined)
  const foreign = calls.filter(({ tenant }) => tenant === undefined)
  return {
    resourceSpans: [
      ...(own.length > 0
        ? [
            resourceSpans(
              'demo-app',
              OWN_SCOPE_NAME,
              own.map((call) => spanOf(call, attributesOf(call))),
            ),
          ]
        : []),
      ...(foreign.length > 0
        ? [
            resourceSpans(
              'legacy-bot',
              FOREIGN_SCOPE,
              foreign.map((call) => spanOf(call, foreignAttributesOf(call))),
            ),
          ]
        : []),
    ],
  }
}
