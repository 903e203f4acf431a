/** Counters: what an emitter or provider reported, before it is known which counter contains which. */

/** Named as in spec: counters §7; the comment gives the symbol used there. */
export const COUNTERS = [
  'input', // I
  'output', // O
  'total', // T
  'cacheRead', // CR
  'cacheWrite', // CW
  'write5m', // W5
  'write30m', // W30
  'write1h', // W1
  'write12h', // W12
  'reasoning', // R
  'audioInput', // IA
  'imageInput', // II
  'videoInput', // IV
  'cachedAudio', // CA
  'cachedImage', // CI
  'cachedVideo',
  'audioOutput', // OA
  'imageOutput', // OM
  'uncachedInput', // explicit split: input without any cache
  'toolUseInput', // prompt tokens of provider-run tools, beside input (Gemini)
  'pages',
] as const

export type Counter = (typeof COUNTERS)[number]

/** Reported counters, integers ≥ 0. Absent = not reported, which is not zero. */
export type Counters = { [counter in Counter]?: number }

const TTL_COUNTERS = ['write5m', 'write30m', 'write1h', 'write12h'] as const satisfies readonly Counter[]
const CACHE_COUNTERS = ['cacheRead', 'cacheWrite', 'uncachedInput', ...TTL_COUNTERS] as const

/** Cache writes whose time to live was reported. */
export const knownTtlWritesOf = (counters: Counters): number =>
  (counters.write5m ?? 0) + (counters.write30m ?? 0) + (counters.write1h ?? 0) + (counters.write12h ?? 0)

/** All cache writes: the count itself, or the sum over times to live where the count is absent or 0. */
export const cacheWritesOf = (counters: Counters): number => counters.cacheWrite || knownTtlWritesOf(counters)

/** True when the emitter said anything at all about caches, even 0. */
export const mentionsCache = (counters: Counters): boolean =>
  CACHE_COUNTERS.some((counter) => counters[counter] !== undefined)
