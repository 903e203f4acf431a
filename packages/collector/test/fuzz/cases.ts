/**
 * All bodies of a run, by number: first every body of the corpus cut at every byte, then as many mutated ones as wanted. A
 * number and the seed tell the body, so a failure is repeated alone.
 */
import type { Corpus } from './corpus.ts'
import { createCaseMaker, type FuzzCase } from './fuzz-case.ts'

export interface Cases {
  /** How many of them are cuts of whole bodies. */
  readonly cuts: number
  at(index: number): FuzzCase
}

export const createCases = (seed: number, corpus: Corpus): Cases => {
  const maker = createCaseMaker(seed, corpus)
  const bodies = [
    ...corpus.protobuf.map((body) => ({ encoding: 'protobuf' as const, body })),
    ...corpus.json.map((request) => ({ encoding: 'json' as const, body: Buffer.from(JSON.stringify(request)) })),
  ]
  const cuts = bodies.reduce((sum, { body }) => sum + body.length, 0)
  const cutAt = (index: number): FuzzCase => {
    let left = index
    for (const { encoding, body } of bodies) {
      if (left < body.length) {
        return { encoding, contentEncoding: 'identity', wire: body.subarray(0, left), mutations: ['cut'] }
      }
      left -= body.length
    }
    throw new Error('BUG: there are not so many cuts')
  }
  return { cuts, at: (index) => (index < cuts ? cutAt(index) : maker.make(index - cuts)) }
}
