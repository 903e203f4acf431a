/** Endpoints whose counters need no more than the provider's usage object. */
import type { Attributes } from '@opentelemetry/api'
import { createStreamedUsage, type StreamApi } from '@outlay/semconv'
import { ATTR } from '#src/attribute-names.ts'
import type { Answer, StreamReader } from '#src/call/model-api.ts'
import { putRawCounters } from './counters.ts'
import { put } from './attributes.ts'

export interface AnswerFields {
  readonly id?: string | undefined
  readonly model?: string | undefined
  /** Service tier that was served. */
  readonly tier?: string | undefined
  readonly usage: object | undefined
}

/** `provider`: whose shape the usage object has. */
export const answerFrom = (provider: string, { id, model, tier, usage }: AnswerFields): Answer => {
  const attributes: Attributes = {}
  put(attributes, ATTR.responseId, id)
  put(attributes, ATTR.responseModel, model)
  put(attributes, ATTR.openaiServiceTier, tier)
  if (usage !== undefined) putRawCounters(attributes, usage, { provider })
  return { attributes, usage }
}

type BesideUsage = Omit<AnswerFields, 'usage'>

/** `fieldsOf`: what an event says beside the usage; the last thing said of each field holds, and at first `known`. */
export const createUsageReader = (
  api: StreamApi,
  provider: string,
  fieldsOf: (event: unknown) => BesideUsage,
  known: BesideUsage = {},
): StreamReader => {
  const streamed = createStreamedUsage(api)
  let { id, model, tier } = known
  return {
    read(event) {
      const fields = fieldsOf(event)
      id = fields.id ?? id
      model = fields.model ?? model
      tier = fields.tier ?? tier
      streamed.read(event)
      return true
    },
    answer: () => answerFrom(provider, { id, model, tier, usage: streamed.usage }),
    get counted() {
      return streamed.counted
    },
    get finished() {
      return streamed.finished
    },
  }
}
