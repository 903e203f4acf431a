/**
 * Keeps the attributes of spans in the compact form of V8, which makes a hash table of an object that is filled by computed names,
 * as the SDK fills them, from its twentieth name on: 2 KB more for each span in a queue, and a microsecond for each call. It does not
 * where it knows of an object with these names in this order that was made at once. So some of those are kept.
 * A hint to the engine and nothing else: they are never read, and hold no values.
 */
import type { Attributes } from '@opentelemetry/api'
import { limits } from '@outlay/core'

/** As many names an object has place for that is filled one by one. */
const NAMES_COMPACT_ANYWAY = 19
/** Looking at every span would cost what it saves. */
const LOOKS_ONCE_IN = 32

const known = new Map<string, object>()
let ended = 0

/** To be told of every span that has ended. */
export const keepCompact = (attributes: Readonly<Attributes>): void => {
  ended += 1
  if (ended % LOOKS_ONCE_IN !== 0 || known.size >= limits.instrumentation.compactShapesMax) return
  const names = Object.keys(attributes)
  const shape = names.join(' ')
  if (names.length <= NAMES_COMPACT_ANYWAY || known.has(shape)) return
  known.set(shape, Object.fromEntries(names.map((name) => [name, ''])))
}
