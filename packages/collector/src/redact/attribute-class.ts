/**
 * What the name of an attribute says about its value, before the value is looked at (collector §11.3). The names are data
 * of `@outlay/semconv`; here is only what follows from them.
 */

/**
 * `carrier`: holds prompts or outputs. `known`: named by our documents. `json_usage_carrier`: JSON that mixes usage with
 * content. `user_id`: identifies a person. `unknown`: everything else.
 */
export type AttributeClass = 'known' | 'carrier' | 'json_usage_carrier' | 'user_id' | 'unknown'

export type ClassifyAttributeKey = (key: string) => AttributeClass

/** What to do with every attribute of one name. */
export interface KeyVerdict {
  readonly key: string
  readonly class: AttributeClass
  /** A scalar within its cap stays, whatever it says. */
  readonly keepsScalars: boolean
  /** A name nobody listed that speaks of content: text under it is dropped. */
  readonly namesContent: boolean
  /** A whole dotted segment of an unknown name speaks of content: even numbers under it are dropped. */
  readonly segmentNamesContent: boolean
}

const CONTENT_WORDS: ReadonlySet<string> = new Set(
  [
    'prompt completion message content input output text body query response transcript argument result',
    'prompts completions messages contents inputs outputs texts bodies queries responses transcripts arguments results',
    'arg args param params question answer instruction instructions conversation statement reasoning thought thoughts',
  ].flatMap((line) => line.split(' ')),
)

/** Dropped whatever the classifier says: they repeat content in prose. */
const PROSE_KEYS: ReadonlySet<string> = new Set(['exception.message', 'exception.stacktrace'])

const EVENT_CARRIER =
  /^(gen_ai\.(system|user|assistant|tool)\.message|gen_ai\.choice|gen_ai\.content\.(prompt|completion)|gen_ai\.client\.inference\.operation\.details)$/

/** `userPrompt`, `user_prompt` and `user.prompt-v2` all consist of the word prompt and others. */
const wordsOf = (key: string): string[] =>
  key
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)

const namesContent = (words: readonly string[]): boolean => words.some((word) => CONTENT_WORDS.has(word))

/** Names longer than this are not judged further: nothing long is a name. */
const JUDGED_CHARACTERS_MAX = 256

export interface VerdictSettings {
  readonly classify: ClassifyAttributeKey
  /** Known keys that are listed one by one; other known keys belong to a family, whose names senders choose. */
  readonly listedKeys: ReadonlySet<string>
  /** Names that the operator declares as carriers. */
  readonly extraCarriers: ReadonlySet<string>
  /** Drop every unknown attribute. */
  readonly knownOnly: boolean
  /** Names decide nothing but who is a person, what carries usage, and what the operator declares. */
  readonly keepContent: boolean
}

export const judgeKey = (key: string, settings: VerdictSettings): KeyVerdict => {
  const { classify, listedKeys, extraCarriers, knownOnly, keepContent } = settings
  const tooLong = key.length > JUDGED_CHARACTERS_MAX
  const refused = tooLong || extraCarriers.has(key)
  if (keepContent && !refused) return keepContentOf(key, classify(key))
  const carrier = refused || PROSE_KEYS.has(key)
  const judged = carrier ? 'carrier' : classify(key)
  const unknown = judged === 'unknown'
  const unlisted = unknown || (judged === 'known' && !listedKeys.has(key))
  const speaksOfContent = unlisted && namesContent(wordsOf(key))
  return {
    key: tooLong ? '' : key,
    class: unknown && knownOnly ? 'carrier' : judged,
    keepsScalars: judged === 'known' && !speaksOfContent,
    namesContent: speaksOfContent,
    segmentNamesContent: unknown && namesContent(key.toLowerCase().split('.')),
  }
}

/** Where content is kept, everything is as good as known but what has a treatment of its own. */
const keepContentOf = (key: string, judged: AttributeClass): KeyVerdict => {
  const treated = judged === 'user_id' || judged === 'json_usage_carrier'
  return {
    key,
    class: treated ? judged : 'known',
    keepsScalars: !treated,
    namesContent: false,
    segmentNamesContent: false,
  }
}

/** Events that only exist to carry content are dropped as a whole. */
export const isEventCarrier = (name: string, classify: ClassifyAttributeKey): boolean =>
  EVENT_CARRIER.test(name) || classify(name) === 'carrier'
