/**
 * A bands file of the operator → bands that replace packaged ones (spec: kpis, conventions). Form: `deploy/config/bands.yaml`;
 * a file may give only the bands that it changes. Everything that is wrong is told at once, with its line.
 */
import { limits, OutlayError } from '@outlay/core'
import { type Place, placeText, readYamlSource, suggestionFor, type YamlPath, type YamlSource } from '@outlay/pricing'
import { BAND_BASE, BANDS, type BandId, type BandStep, type Verdict, VERDICTS } from './bands.ts'

/** Bands that stand in for the packaged ones of the same id. */
export type ConfiguredBands = Readonly<Partial<Record<BandId, readonly BandStep[]>>>

const BAND_IDS = Object.keys(BANDS) as readonly BandId[]
const STEP_KEYS = ['from', 'above', 'verdict'] as const
const STEP_FORM = '{ verdict: ok } first, then { from: x, verdict: … } or { above: x, verdict: … }'

interface Reading {
  readonly source: YamlSource
  readonly problems: string[]
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const report = ({ problems }: Reading, place: Place, what: string): void => {
  problems.push(`${placeText(place)} ${what}`)
}

/** Fails with `E_BANDS_FILE`, with every problem; `file` is its name for messages. */
export const parseBandsFile = (file: string, text: string): ConfiguredBands => {
  const bytes = Buffer.byteLength(text, 'utf8')
  if (bytes > limits.bandsFileBytesMax) {
    throw refused([`${file} the file is too large; got ${bytes} bytes; want at most ${limits.bandsFileBytesMax}`])
  }
  const faults: Parameters<typeof readYamlSource>[2] = []
  const source = readYamlSource(file, text, faults)
  if (source === undefined) throw refused(faults.map(({ where, what }) => `${where} ${what}`))
  const reading: Reading = { source, problems: [] }
  const configured = readBands(reading)
  if (reading.problems.length > 0) throw refused(reading.problems)
  return configured
}

const refused = (problems: readonly string[]): OutlayError =>
  new OutlayError(
    'E_BANDS_FILE',
    `bands file refused, ${problems.length} problem(s), nothing was changed:\n  ${problems.join('\n  ')}`,
  )

const readBands = (reading: Reading): ConfiguredBands => {
  const { source } = reading
  if (!isMap(source.value) || !isMap(source.value['bands'])) {
    report(
      reading,
      source.placeOf(['bands']),
      'no map of bands; want "bands:" with a list of steps per band, or "bands: {}"',
    )
    return {}
  }
  reportUnknown(reading, [], source.value, ['bands'])
  reportUnknown(reading, ['bands'], source.value['bands'], BAND_IDS)
  const entries = Object.entries(source.value['bands']).filter(([id]) => BAND_IDS.some((known) => known === id))
  return Object.fromEntries(entries.map(([id, steps]) => [id, readSteps(reading, ['bands', id], steps)]))
}

const reportUnknown = (reading: Reading, path: YamlPath, map: object, known: readonly string[]): void => {
  for (const key of Object.keys(map).filter((name) => !known.includes(name))) {
    const noun = path.length === 1 ? 'band' : 'key'
    report(
      reading,
      reading.source.placeOfKey(path, key),
      `unknown ${noun} ${JSON.stringify(key)}${suggestionFor(key, known)}`,
    )
  }
}

const readSteps = (reading: Reading, path: YamlPath, steps: unknown): readonly BandStep[] => {
  if (!Array.isArray(steps) || steps.length === 0) {
    report(reading, reading.source.placeOf(path), `${path.at(-1)}: no list of steps; want ${STEP_FORM}`)
    return []
  }
  const read = steps.flatMap((step: unknown, index) => readStep(reading, [...path, index], step))
  // With a step left out for its own problem, the order of the others says nothing.
  if (read.length === steps.length) assertAscending(reading, path, read)
  return read
}

const readStep = (reading: Reading, path: YamlPath, step: unknown): readonly BandStep[] => {
  const [, band, index] = path
  const place = reading.source.placeOf(path)
  if (!isMap(step)) {
    report(reading, place, `${band}: not a step; want ${STEP_FORM}`)
    return []
  }
  reportUnknown(reading, path, step, STEP_KEYS)
  const verdict = readVerdict(reading, path, step['verdict'])
  const edge = readEdge(step, index === 0)
  if (edge === undefined) {
    const want =
      index === 0 ? 'no edge on the first step: it holds below all others' : 'one of "from" and "above", a number'
    report(reading, place, `${band}: the edge of step ${Number(index) + 1}; want ${want}`)
  }
  return verdict === undefined || edge === undefined ? [] : [{ ...edge, verdict }]
}

const readVerdict = (reading: Reading, path: YamlPath, given: unknown): Verdict | undefined => {
  const verdict = VERDICTS.find((known) => known === given)
  if (verdict !== undefined) return verdict
  const got = given === undefined ? 'no verdict' : `unknown verdict ${JSON.stringify(given)}`
  const near = typeof given === 'string' ? suggestionFor(given, VERDICTS) : ''
  report(
    reading,
    reading.source.placeOf([...path, 'verdict']),
    `${path[1]}: ${got}${near}; want ${VERDICTS.join(', ')}`,
  )
  return undefined
}

const readEdge = (
  { from, above }: Readonly<Record<string, unknown>>,
  isFirst: boolean,
): Omit<BandStep, 'verdict'> | undefined => {
  if (isFirst) return from === undefined && above === undefined ? { lower: BAND_BASE, strict: false } : undefined
  const lower = from ?? above
  if (typeof lower !== 'number' || !Number.isFinite(lower) || (from !== undefined && above !== undefined))
    return undefined
  return { lower, strict: above !== undefined }
}

/** `from: x` may be followed by `above: x`: the edge itself has a verdict of its own. */
const assertAscending = (reading: Reading, path: YamlPath, steps: readonly BandStep[]): void => {
  for (const [index, step] of steps.entries()) {
    const before = steps[index - 1]
    const isAbove =
      before === undefined ||
      step.lower > before.lower ||
      (step.lower === before.lower && step.strict && !before.strict)
    if (isAbove) continue
    const place = reading.source.placeOf([...path, index])
    report(reading, place, `${path.at(-1)}: edges do not ascend; got ${step.lower} after ${before.lower}`)
  }
}
