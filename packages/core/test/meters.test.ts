import { describe, expect, test } from 'vitest'
import {
  digestOf,
  INPUT_METERS,
  inputTotalOf,
  isMeter,
  METERS,
  monthStartMs,
  OUTPUT_METERS,
  outputTotalOf,
  slotStartOf,
  TOKEN_METERS,
  UNIT_METERS,
} from '../src/index.ts'

describe('meters', () => {
  test('keep their order: it is part of the ledger schema', () => {
    expect(METERS).toEqual([
      'input',
      'input_audio',
      'input_image',
      'input_video',
      'cache_read',
      'cache_read_audio',
      'cache_read_image',
      'cache_write_5m',
      'cache_write_30m',
      'cache_write_1h',
      'cache_write_12h',
      'cache_write_unknown',
      'output',
      'output_reasoning',
      'output_audio',
      'output_image',
      'output_citation',
      'web_search',
      'web_fetch',
      'search_unit',
      'page',
      'image',
      'audio_second',
      'character',
      'container_second',
    ])
  })

  test('fall into three sides without rest or overlap', () => {
    expect([...INPUT_METERS, ...OUTPUT_METERS, ...UNIT_METERS]).toEqual(METERS)
    expect([...INPUT_METERS, ...OUTPUT_METERS]).toEqual(TOKEN_METERS)
  })

  test('totals count their own side only', () => {
    const quantities = { input: 5, cache_read: 7, output: 3, output_reasoning: 2, web_search: 9 }
    expect([inputTotalOf(quantities), outputTotalOf(quantities)]).toEqual([12, 5])
  })

  test('are recognised by their exact name', () => {
    expect([isMeter('input'), isMeter('Input'), isMeter('toString')]).toEqual([true, false, false])
  })
})

describe('windows', () => {
  test('a slot starts at every half hour, and its first second belongs to it', () => {
    const at = (iso: string): number => Date.parse(iso) / 1_000
    expect(slotStartOf(at('2026-10-05T10:29:59Z'))).toBe(at('2026-10-05T10:00:00Z'))
    expect(slotStartOf(at('2026-10-05T10:30:00Z'))).toBe(at('2026-10-05T10:30:00Z'))
  })

  test('a month starts at its first UTC midnight', () => {
    expect(monthStartMs(Date.parse('2026-12-31T23:59:59.999Z'))).toBe(Date.parse('2026-12-01T00:00:00Z'))
  })
})

describe('digests', () => {
  test('tell apart lists whose parts run together', () => {
    expect(digestOf(['ab', 'c'], 8)).not.toEqual(digestOf(['a', 'bc'], 8))
  })
})
