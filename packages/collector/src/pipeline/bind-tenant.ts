/**
 * Whose a span is. A token that is bound to a tenant goes before everything the span or its resource says; otherwise the
 * span says it itself, in NFC and within the bound of a tenant id. What does not hold is kept beside it as a claim.
 */
import { limits } from '@outlay/core'
import { type AttributeValue, type Attributes, OUTLAY, type SpanEvidence } from '@outlay/semconv'
import { parseTenantId } from '#src/config/value-schemas.ts'

export type ClaimReason = 'other_tenant' | 'invalid_tenant'

export interface BoundSpan {
  readonly span: SpanEvidence
  /** What the span named, where it does not hold; else empty. */
  readonly claimedTenant: string
  readonly reason?: ClaimReason
}

const KEY = OUTLAY.TENANT_ID

/** `tenant` is the one of the token; undefined where the span decides. */
export const bindTenant = (span: SpanEvidence, tenant: string | undefined): BoundSpan => {
  const claim = span.attributes[KEY] ?? span.resource[KEY]
  return tenant === undefined ? ownTenant(span, claim) : boundTenant(span, claim, tenant)
}

const boundTenant = (span: SpanEvidence, claim: AttributeValue | undefined, tenant: string): BoundSpan => {
  if (span.attributes[KEY] === tenant) return { span, claimedTenant: '' }
  const bound = { ...span, attributes: { ...span.attributes, [KEY]: tenant } }
  const claimed = claim === undefined ? '' : textOf(claim)
  if (claimed === '' || claimed === tenant) return { span: bound, claimedTenant: '' }
  return { span: bound, claimedTenant: cut(claimed), reason: 'other_tenant' }
}

/**
 * The usual claim is valid as it stands, on the span or on its resource: then nothing is copied. One that is no tenant id
 * takes the default of the resource with it: a wrong tenant is worse than none.
 */
const ownTenant = (span: SpanEvidence, claim: AttributeValue | undefined): BoundSpan => {
  if (claim === undefined || claim === '' || isValid(claim)) return { span, claimedTenant: '' }
  const tenant = parsed(claim)
  const attributes = withTenant(span.attributes, tenant)
  const resource = withTenant(span.resource, undefined)
  const bound = { ...span, attributes, resource }
  return tenant === undefined
    ? { span: bound, claimedTenant: cut(textOf(claim)), reason: 'invalid_tenant' }
    : { span: bound, claimedTenant: '' }
}

/** What nearly all ids are: printable ASCII, which is in NFC and has one byte a character. */
const PLAIN_ID = new RegExp(`^[ -~]{1,${limits.tenantIdBytesMax}}$`)

const isValid = (claim: AttributeValue): boolean =>
  typeof claim === 'string' && (PLAIN_ID.test(claim) || claim === parsed(claim))

const withTenant = (attributes: Attributes, tenant: string | undefined): Attributes => {
  const { [KEY]: _, ...others } = attributes
  return tenant === undefined ? others : { ...others, [KEY]: tenant }
}

const textOf = (value: AttributeValue): string => String(value).normalize('NFC')

const parsed = (value: AttributeValue): string | undefined => parseTenantId(String(value))

/** Evidence of a claim, not an id: no part of it is ever taken for a tenant. */
const cut = (claim: string): string => {
  const bytes = Buffer.from(claim)
  return bytes.length <= limits.tenantIdBytesMax
    ? claim
    : bytes.toString('utf8', 0, limits.tenantIdBytesMax).replace(/\uFFFD+$/, '')
}
