/** Durations and sizes as people write them: with their unit, so that nobody has to know which one is meant. */

const MS_PER_UNIT: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}
const BYTES_PER_UNIT: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1_000,
  MB: 1_000_000,
  GB: 1_000_000_000,
  TB: 1_000_000_000_000,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
}

const DURATION = /^(?:\d{1,9}(?:\.\d{1,3})?(?:ms|s|m|h|d))+$/
const DURATION_PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g
const SIZE = /^(\d{1,12}(?:\.\d{1,3})?)\s?([KMGT]?B|[KMGT]iB)$/

export const DURATION_FORM = 'a duration with its unit, such as 250ms, 30s, 10m, 1h30m or 7d'
export const SIZE_FORM = 'a size with its unit, such as 512KiB, 64MiB or 8GiB'

/** `1h30m` → whole milliseconds. Undefined if it is no duration. */
export const parseDurationMs = (text: string): number | undefined => {
  if (!DURATION.test(text)) return undefined
  let ms = 0
  for (const [, amount = '', unit = ''] of text.matchAll(DURATION_PART)) ms += Number(amount) * (MS_PER_UNIT[unit] ?? 0)
  return Math.round(ms)
}

/** `64MiB` → bytes. Undefined if it is no size. */
export const parseSizeBytes = (text: string): number | undefined => {
  const [, amount, unit = ''] = SIZE.exec(text) ?? []
  return amount === undefined ? undefined : Math.round(Number(amount) * (BYTES_PER_UNIT[unit] ?? 0))
}
