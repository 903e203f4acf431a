/** Kafka messages: the carrier is a header. Kafka does not count deliveries. */
import { captureAttribution, type RunOptions, runWithAttribution } from './capture-attribution.ts'
import { CARRIER_NAME } from './carried-data.ts'

export type CarrierHeaders = {
  readonly [CARRIER_NAME]: string
}

/** A message as kafkajs and Confluent's client hand it out. */
export interface KafkaLikeMessage {
  readonly headers?: Readonly<Record<string, unknown>> | undefined
}

/**
 * `headers` with the attribution in force: `producer.send({ topic, messages: [{ value, headers: carrierHeaders() }] })`.
 * Fails as `captureAttribution` does.
 */
export const carrierHeaders = <Headers extends object = object>(headers?: Headers): Headers & CarrierHeaders => ({
  ...(headers as Headers),
  [CARRIER_NAME]: captureAttribution(),
})

const textOf = (value: unknown): string | undefined => {
  const [first] = Array.isArray(value) ? (value as unknown[]) : [value]
  if (first instanceof Uint8Array) return Buffer.from(first).toString('utf8')
  return typeof first === 'string' ? first : undefined
}

/**
 * Runs `fn` with the attribution of the message: `eachMessage: ({ message }) => runKafkaMessage(message, () => …)`.
 * `attempt`: pass it where the app counts deliveries, e.g. by retry topics. Fails as `runWithAttribution` does.
 */
export const runKafkaMessage = <Result>(
  message: KafkaLikeMessage,
  fn: () => Result,
  options?: Pick<RunOptions, 'attempt'>,
): Result => runWithAttribution(textOf(message.headers?.[CARRIER_NAME]), fn, options)
