/** SQS messages: the carrier is a message attribute, of which a message has ten at most. */
import { fieldOf } from '#src/call/untyped.ts'
import { captureAttribution, runWithAttribution } from './capture-attribution.ts'
import { CARRIER_NAME } from './carried-data.ts'

export type CarrierAttributes = {
  readonly [CARRIER_NAME]: { readonly DataType: 'String'; readonly StringValue: string }
}

/** A message as the SDK hands it out, or a record of a Lambda event. */
export type SqsLikeMessage =
  | {
      readonly MessageAttributes?: Readonly<Record<string, unknown>> | undefined
      readonly Attributes?: Readonly<Record<string, string>> | undefined
    }
  | { readonly messageAttributes?: Readonly<Record<string, unknown>>; readonly attributes?: object }

/**
 * `attributes` with the attribution in force:
 * `new SendMessageCommand({ QueueUrl, MessageBody, MessageAttributes: carrierAttributes() })`.
 * Fails as `captureAttribution` does.
 */
export const carrierAttributes = <Attributes extends object = object>(
  attributes?: Attributes,
): Attributes & CarrierAttributes => ({
  ...(attributes as Attributes),
  [CARRIER_NAME]: { DataType: 'String', StringValue: captureAttribution() },
})

/**
 * Runs `fn` with the attribution of the message and, as its attempt, how often it was received. Ask for both:
 * `MessageAttributeNames: ['All']`, `MessageSystemAttributeNames: ['ApproximateReceiveCount']`.
 * Fails as `runWithAttribution` does.
 */
export const runSqsMessage = <Result>(message: SqsLikeMessage, fn: () => Result): Result => {
  const attribute = fieldOf(
    fieldOf(message, 'MessageAttributes') ?? fieldOf(message, 'messageAttributes'),
    CARRIER_NAME,
  )
  const text = fieldOf(attribute, 'StringValue') ?? fieldOf(attribute, 'stringValue')
  const received = fieldOf(fieldOf(message, 'Attributes') ?? fieldOf(message, 'attributes'), 'ApproximateReceiveCount')
  const attempt = Number(received)
  return runWithAttribution(
    typeof text === 'string' ? text : undefined,
    fn,
    Number.isSafeInteger(attempt) && attempt >= 1 ? { attempt } : {},
  )
}
