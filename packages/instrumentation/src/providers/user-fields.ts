/** The fields that providers have for the end user of a request. What the caller has said of one, even `null`, stands. */
import { isObject } from '#src/call/untyped.ts'

const says = (body: Record<string, unknown>, fields: readonly string[]): boolean =>
  fields.some((field) => body[field] !== undefined)

/** Chat and Responses: `user` is its deprecated forerunner, which Azure still takes. */
export const withSafetyIdentifier = (body: unknown, user: string, provider: string): unknown => {
  if (!isObject(body) || says(body, ['safety_identifier', 'user'])) return body
  if (provider === 'openai') return { ...body, safety_identifier: user }
  return provider === 'azure.ai.openai' ? { ...body, user } : body
}

/** OpenAI's endpoints that know no other field. */
export const withUserField = (body: unknown, user: string, provider: string): unknown =>
  isObject(body) && !says(body, ['user']) && ['openai', 'azure.ai.openai'].includes(provider) ? { ...body, user } : body

export const withMetadataUser = (body: unknown, user: string, provider: string): unknown => {
  if (!isObject(body) || provider !== 'anthropic') return body
  const { metadata } = body
  if (metadata === undefined) return { ...body, metadata: { user_id: user } }
  return isObject(metadata) && !says(metadata, ['user_id'])
    ? { ...body, metadata: { ...metadata, user_id: user } }
    : body
}
