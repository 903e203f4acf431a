/** Amazon Bedrock: Converse, whose usage is the same for all models. A command is the body here, a command's output the answer. */
import type { Attributes } from '@opentelemetry/api'
import { ATTR } from '#src/attribute-names.ts'
import type { ModelApi } from '#src/call/model-api.ts'
import { fieldOf, isObject, objectOf, textOf } from '#src/call/untyped.ts'
import { put } from './attributes.ts'
import { invokeApiOf } from './bedrock-invoke.ts'
import { type AnswerFields, answerFrom, createUsageReader } from './generic.ts'

export { keepTokenHeaders } from './bedrock-invoke.ts'

const PROVIDER = 'aws.bedrock'

/** A prompt router says which model it chose. */
const routedModelIn = (carrier: unknown): string | undefined =>
  textOf(fieldOf(fieldOf(carrier, 'trace'), 'promptRouter'), 'invokedModelId')

const fieldsIn = (carrier: unknown): Omit<AnswerFields, 'usage'> => ({
  model: routedModelIn(carrier),
  tier: textOf(fieldOf(carrier, 'serviceTier'), 'type'),
})

const fieldsOf = (output: unknown) => ({ ...fieldsIn(output), id: textOf(fieldOf(output, '$metadata'), 'requestId') })

/** Each maker has its own place for it. */
const effortIn = (input: unknown): string | undefined => {
  const fields = fieldOf(input, 'additionalModelRequestFields')
  return (
    textOf(fieldOf(fields, 'output_config'), 'effort') ??
    textOf(fields, 'reasoning_effort') ??
    textOf(fieldOf(fields, 'reasoningConfig'), 'maxReasoningEffort')
  )
}

const converse: ModelApi = {
  operation: 'chat',
  modelOf: (command) => textOf(fieldOf(command, 'input'), 'modelId'),
  requestAttributes(command) {
    const input = fieldOf(command, 'input')
    const attributes: Attributes = {}
    put(attributes, ATTR.openaiRequestTier, textOf(fieldOf(input, 'serviceTier'), 'type'))
    put(attributes, ATTR.effort, effortIn(input))
    return attributes
  },
  prepare: (command) => ({
    body: command,
    createReader: (output) =>
      createUsageReader(
        'bedrock_converse',
        PROVIDER,
        (event) => fieldsIn(fieldOf(event, 'metadata')),
        fieldsOf(output),
      ),
  }),
  streamIn: (output) => fieldOf(output, 'stream'),
  answerOf: (output) => answerFrom(PROVIDER, { ...fieldsOf(output), usage: objectOf(output, 'usage') }),
}

/** The operation of a command: from its schema, since bundlers rename classes. */
const operationOf = (command: unknown): string => {
  const schema = fieldOf(command, 'schema')
  const named: unknown = Array.isArray(schema) ? schema[2] : fieldOf(schema, 'name')
  if (typeof named === 'string') return named
  return isObject(command) ? command.constructor.name.replace(/Command\d*$/, '') : ''
}

/** `undefined` for commands that call no model and for those that no wrapper measures. */
export const bedrockApiOf = (command: unknown): ModelApi | undefined => {
  switch (operationOf(command)) {
    case 'Converse':
    case 'ConverseStream':
      return converse
    case 'InvokeModel':
    case 'InvokeModelWithResponseStream':
      return invokeApiOf(command)
    default:
      return undefined
  }
}
