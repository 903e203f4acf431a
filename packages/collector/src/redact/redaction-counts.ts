/** What one request lost on its way into the log, by class. Counts only: names and values never leave the request. */
export const REDACTION_CLASSES = [
  /** Attributes that hold prompts or outputs. */
  'carrier',
  /** Unknown attributes whose name speaks of content. */
  'unknown_name',
  /** Unknown attributes that are no scalar or too large. */
  'unknown_value',
  /** Known attributes with a value of a shape that may hold content. */
  'known_shape',
  /** Known attributes, names and versions cut at their cap. */
  'truncated',
  'user_id_hashed',
  /** User ids without a key to hash them. */
  'user_id_dropped',
  /** JSON replaced by its usage subtree. */
  'usage_extracted',
  /** JSON that could not be read for usage. */
  'bad_blob',
  'status_message',
  /** Whole events that carry content. */
  'event',
  /** Fields that this version does not know. */
  'unknown_field',
  /** More attributes, events or links than allowed, or nested too deep. */
  'over_limit',
] as const

export type RedactionClass = (typeof REDACTION_CLASSES)[number]

export type RedactionCounts = Readonly<Record<RedactionClass, number>>

export const newRedactionCounts = (): Record<RedactionClass, number> =>
  Object.fromEntries(REDACTION_CLASSES.map((name) => [name, 0])) as Record<RedactionClass, number>
