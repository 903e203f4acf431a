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

/** Reported counters, integers ≥ 0. Undefined = not reported, which is not zero. */
export type Counters = { [counter in Counter]: number | undefined }

/** Nothing reported. Every counter is always a property: objects of one shape are read many times faster. */
export const newCounters = (): Counters => ({
  input: undefined,
  output: undefined,
  total: undefined,
  cacheRead: undefined,
  cacheWrite: undefined,
  write5m: undefined,
  write30m: undefined,
  write1h: undefined,
  write12h: undefined,
  reasoning: undefined,
  audioInput: undefined,
  imageInput: undefined,
  videoInput: undefined,
  cachedAudio: undefined,
  cachedImage: undefined,
  cachedVideo: undefined,
  audioOutput: undefined,
  imageOutput: undefined,
  uncachedInput: undefined,
  toolUseInput: undefined,
  pages: undefined,
})

/** Cache writes whose time to live was reported. */
export const knownTtlWritesOf = (counters: Counters): number =>
  (counters.write5m ?? 0) + (counters.write30m ?? 0) + (counters.write1h ?? 0) + (counters.write12h ?? 0)

/** All cache writes: the count itself, or the sum over times to live where the count is absent or 0. */
export const cacheWritesOf = (counters: Counters): number => counters.cacheWrite || knownTtlWritesOf(counters)

/** True when the emitter said anything at all about caches, even 0. */
export const mentionsCache = (counters: Counters): boolean =>
  counters.cacheRead !== undefined ||
  counters.cacheWrite !== undefined ||
  counters.uncachedInput !== undefined ||
  counters.write5m !== undefined ||
  counters.write30m !== undefined ||
  counters.write1h !== undefined ||
  counters.write12h !== undefined

/** The counters with what is known of reasoning in the end. */
export const withReasoning = (counters: Counters, reasoning: number | undefined): Counters =>
  reasoning === undefined || reasoning === counters.reasoning ? counters : { ...counters, reasoning }
