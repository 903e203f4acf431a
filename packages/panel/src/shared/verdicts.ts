/** Verdicts in words, as every page shows them; the colour comes from the stylesheet, the shape from the page. */

export const VERDICTS = {
  ok: 'healthy',
  watch: 'watch',
  warn: 'warn',
  act: 'act',
  low: 'too low',
  none: 'no band',
} as const

export type VerdictName = keyof typeof VERDICTS

export const verdictNamed = (band: string): VerdictName => (band in VERDICTS ? (band as VerdictName) : 'none')
