import { limits, OutlayError } from '@outlay/core'
import { describe, expect, test } from 'vitest'
import { parseBandsFile } from '../src/kpi/bands-file.ts'

const parse = (text: string): ReturnType<typeof parseBandsFile> => parseBandsFile('b.yaml', text)

/** Problems of a refused file, one per line of its message. */
const problemsOf = (text: string): readonly string[] => {
  try {
    parse(text)
  } catch (error) {
    if (error instanceof OutlayError && error.code === 'E_BANDS_FILE') return error.message.split('\n  ').slice(1)
    throw error
  }
  throw new Error('the file was taken')
}

describe('a bands file', () => {
  test('gives only the bands that it changes', () => {
    expect(
      parse(
        'bands:\n  lag_s:\n    - { verdict: ok }\n    - { from: 30, verdict: watch }\n    - { above: 30, verdict: act }\n',
      ),
    ).toEqual({
      lag_s: [
        { lower: -1e300, strict: false, verdict: 'ok' },
        { lower: 30, strict: false, verdict: 'watch' },
        { lower: 30, strict: true, verdict: 'act' },
      ],
    })
    expect(parse('bands: {}')).toEqual({})
    expect(parse('bands: { priced: [{ verdict: none }] }')).toEqual({
      priced: [{ lower: -1e300, strict: false, verdict: 'none' }],
    })
  })

  test('is refused with everything that is wrong in it, each with its line', () => {
    const text = `bands:
  cost_to_revenu: [{ verdict: ok }]
  lag_s:
    - { verdict: fine }
    - { above: 60, verdict: wach }
  priced:
    - { from: 0, verdict: act }
    - { from: 0.5, above: 0.6, verdict: ok }
    - { verdict: ok }
    - { from: x, verdict: ok }
    - { from: .inf, verdict: ok, colour: red }
    - 7
  degradation:
    - { verdict: low }
    - { from: 0.2, verdict: ok }
    - { from: 0.1, verdict: watch }
    - { above: 0.1, verdict: watch }
    - { above: 0.1, verdict: act }
    - { from: 0.1, verdict: act }
  top5_share: []
band: {}
`
    const problems = problemsOf(text)
    const expected: readonly (readonly [number, RegExp])[] = [
      [21, /unknown key "band", did you mean "bands"/],
      [2, /unknown band "cost_to_revenu", did you mean "cost_to_revenue"/],
      [4, /lag_s: unknown verdict "fine".*want ok, watch, warn, act, low, none/],
      [5, /lag_s: unknown verdict "wach", did you mean "watch"/],
      [7, /priced: the edge of step 1; want no edge on the first step/],
      [8, /priced: the edge of step 2; want one of "from" and "above"/],
      [9, /priced: the edge of step 3/],
      [10, /priced: the edge of step 4/],
      [11, /unknown key "colour"/],
      [11, /priced: the edge of step 5/],
      [12, /priced: not a step/],
      [16, /degradation: edges do not ascend; got 0.1 after 0.2/],
      [18, /degradation: edges do not ascend; got 0.1 after 0.1/],
      [19, /degradation: edges do not ascend; got 0.1 after 0.1/],
      [20, /top5_share: no list of steps/],
    ]
    expect(problems.map((problem) => Number(/^b\.yaml:(\d+) /.exec(problem)?.[1]))).toEqual(
      expected.map(([line]) => line),
    )
    for (const [index, [, what]] of expected.entries()) expect(problems[index]).toMatch(what)
  })

  test.each([
    ['', /no map of bands/],
    ['bands:', /no map of bands/],
    ['- bands', /no map of bands/],
    ['bands: { lag_s: [{ verdict: ok }]', /^b\.yaml:1 /],
    ['bands: { lag_s: [{ verdict: ok }], lag_s: [] }', /unique/],
  ])('%j is none', (text, what) => {
    expect(problemsOf(text)).toEqual([expect.stringMatching(what)])
  })

  test('may be as large as the bound', () => {
    const filled = (bytes: number): string => `bands: {}\n#${'x'.repeat(bytes - 'bands: {}\n#'.length)}`
    expect(parse(filled(limits.bandsFileBytesMax))).toEqual({})
    expect(problemsOf(filled(limits.bandsFileBytesMax + 1))).toEqual([expect.stringContaining('too large')])
  })
})
