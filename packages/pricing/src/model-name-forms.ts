/**
 * The forms under which a raw model name is looked up, each an exact string: the name as it came, then what is left
 * when wrappers around it are taken off. Nothing is ever looked up by prefix or substring (spec: pricing §7).
 */
import type { Foldings } from '#src/book.ts'
import { foldProvider, type SkuParts } from '#src/sku.ts'

export interface NameForm {
  /** Who bills under this reading of the name. */
  readonly provider: string
  readonly name: string
  /** Raw region that the name itself stands for. */
  readonly region?: string
  /** Tier that the name itself asks for. */
  readonly tier?: string
}

type Unwrap = (form: NameForm) => NameForm

/** `anthropic/claude-…` through a proxy that sends no invoice, or at that vendor itself: the vendor bills. */
const unwrapVendor =
  (foldings: Foldings): Unwrap =>
  (form) => {
    const [, vendor = '', name = ''] = /^([^/]+)\/(.+)$/.exec(form.name) ?? []
    const biller = foldProvider(vendor, foldings)
    const listed = Object.hasOwn(foldings.tiers, biller)
    const forwarded = foldings.proxies.includes(form.provider) || biller === form.provider
    return listed && forwarded ? { ...form, provider: biller, name } : form
  }

const strip =
  (pattern: RegExp): Unwrap =>
  (form) => ({ ...form, name: form.name.replace(pattern, '') })

/** Claude Code marks a long context so; the price follows from the tokens. */
const unwrapContextMark = strip(/\[1m\]$/)
const unwrapResourcePath = strip(/^(?:projects\/[^/]+\/locations\/[^/]+\/)?publishers\/[^/]+\/models\/|^models\//)

const ARN = /^arn:aws[a-z-]*:bedrock:([a-z0-9-]*):\d*:(?:inference-profile|foundation-model)\//
/** An application inference profile keeps its ARN: only its owner knows the model behind it. */
const unwrapArn: Unwrap = (form) => {
  const match = ARN.exec(form.name)
  return match === null ? form : { ...form, name: form.name.slice(match[0].length), region: match[1] ?? '' }
}

/** `ft:gpt-4o-2024-08-06:acme::x` is a fine-tune of that base, with a list price of its own. */
const unwrapFineTune: Unwrap = (form) => {
  const match = /^(ft:[^:]+):/.exec(form.name)
  return match === null ? form : { ...form, name: match[1] ?? form.name }
}

const unwrapBatch: Unwrap = (form) =>
  form.name.endsWith(':batch') ? { ...form, name: form.name.slice(0, -':batch'.length), tier: 'batch' } : form

/** Vertex writes the snapshot after an `@`. */
const unwrapSnapshotMark: Unwrap = (form) => ({ ...form, name: form.name.replace(/@(\d{8})$/, '-$1') })

const BEDROCK_SCOPES: Readonly<Record<string, string>> = {
  us: 'geo',
  eu: 'geo',
  jp: 'geo',
  au: 'geo',
  apac: 'geo',
  'us-gov': 'gov',
  global: 'global',
}

const isGovCloud = (region: string): boolean => region === 'gov' || region.startsWith('us-gov-')

/** A cross-region profile names its scope in front of the model; a bare id is served in the region of the call. */
const unwrapBedrockScope =
  (callRegion: string): Unwrap =>
  (form) => {
    if (form.provider !== 'aws') return form
    if (isGovCloud(form.region ?? '') || isGovCloud(callRegion)) {
      return { ...form, name: form.name.replace(/^us-gov\./, ''), region: 'gov' }
    }
    const [, scope = '', name = ''] = /^([a-z-]+)\.(.+)$/.exec(form.name) ?? []
    const region = Object.hasOwn(BEDROCK_SCOPES, scope) ? BEDROCK_SCOPES[scope] : undefined
    return region === undefined ? { ...form, region: 'regional' } : { ...form, name, region }
  }

/** All readings of a raw name, most literal first. */
export const nameFormsOf = (parts: SkuParts, foldings: Foldings): readonly NameForm[] => {
  const literal: NameForm = { provider: parts.provider, name: parts.model.trim() }
  const steps: readonly Unwrap[] = [
    unwrapVendor(foldings),
    unwrapContextMark,
    unwrapResourcePath,
    unwrapArn,
    unwrapFineTune,
    unwrapBatch,
    unwrapSnapshotMark,
    unwrapBedrockScope(parts.region),
  ]
  const forms = [literal]
  for (const unwrap of steps) forms.push(unwrap(forms.at(-1) ?? literal))
  return forms
}
