/** What the programs ask for, in whatever library. */
export const PROMPT = 'What is the weather?'

export const JSON_SCHEMA = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
} as const

/** Reads a stream to its end: usage comes last. */
export const drain = async (stream: AsyncIterable<unknown>): Promise<void> => {
  for await (const part of stream) void part
}
