import { randomBytes } from 'node:crypto'
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { limits } from '@outlay/core'
import { describe, expect, test } from 'vitest'
import { Inflater } from '#src/otlp/inflate.ts'

const inflater = new Inflater({
  bodyBytesMax: limits.requestBodyBytesMax,
  ratioMax: limits.inflationRatioMax,
  ratioFreeBytes: limits.inflationRatioFreeBytes,
  zstdFramesMax: limits.zstdFramesMax,
  concurrencyMax: 2,
  queueMax: 2,
})

const COMPRESS = { gzip: gzipSync, deflate: deflateSync, zstd: zstdCompressSync } as const

/** Small on the wire, and within the ratio: mostly the same, with some noise in front. */
const bodyOf = (bytes: number): Buffer => Buffer.concat([randomBytes(16_000), Buffer.alloc(bytes - 16_000, 'span')])

/** Whether the event loop was left to others before the answer. */
const inflate = async (encoding: keyof typeof COMPRESS, body: Buffer) => {
  const wire = COMPRESS[encoding](body)
  let turns = 0
  const turn = setImmediate(() => (turns += 1))
  const result = await inflater.inflate(encoding, wire)
  clearImmediate(turn)
  return {
    wireBytes: wire.length,
    isWhole: result.status === 'inflated' && result.body.equals(body),
    inTurn: turns === 0,
  }
}

describe.each(['gzip', 'deflate', 'zstd'] as const)('%s', (encoding) => {
  test('a small body is inflated at once up to its size, and one byte more in the thread pool: both whole', async () => {
    const most = await inflate(encoding, bodyOf(limits.inflateAtOnceBytesMax))
    expect(most).toMatchObject({ isWhole: true, inTurn: true })
    expect(most.wireBytes).toBeLessThan(limits.inflateAtOnceWireBytesMax)
    expect(await inflate(encoding, bodyOf(limits.inflateAtOnceBytesMax + 1))).toMatchObject({
      isWhole: true,
      inTurn: false,
    })
  })

  test('a bomb of few bytes does not hold the event loop', async () => {
    const wire = COMPRESS[encoding](bodyOf(limits.requestBodyBytesMax))
    let turns = 0
    const turn = setImmediate(() => (turns += 1))
    expect(await inflater.inflate(encoding, wire)).toEqual({ status: 'too_large' })
    clearImmediate(turn)
    expect({ small: wire.length < 2 * limits.inflateAtOnceWireBytesMax, turns }).toEqual({ small: true, turns: 1 })
  })
})
