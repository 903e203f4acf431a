/** Reads a usage object and checks that its meters sum to its totals. */
import { inputTotalOf, outputTotalOf } from '@outlay/core'
import { expect } from 'vitest'
import { type RawUsageHint, type RawUsageReading, readRawUsage } from '@outlay/semconv'

export const read = (hint: RawUsageHint, usage: unknown): RawUsageReading => {
  const reading = readRawUsage(hint, usage)
  if (reading === undefined) throw new Error('the usage object was not recognised')
  return reading
}

export const metersOf = (hint: RawUsageHint, usage: unknown): RawUsageReading['meters'] => {
  const reading = read(hint, usage)
  expect(inputTotalOf(reading.meters)).toBe(reading.inputTotal)
  expect(outputTotalOf(reading.meters)).toBe(reading.outputTotal)
  return reading.meters
}
