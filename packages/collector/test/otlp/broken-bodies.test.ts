import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { limits } from '@outlay/core'
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { PROTOBUF, statusOf } from './answers.ts'
import { sendJson, sendProtobuf } from './http-client.ts'
import { decodeMessage } from './otlp-schema.ts'
import { loggedSpans, startReceiver } from './receiver-fixture.ts'
import { encodeRequest, hex, spanOf, textAttribute } from './requests.ts'

describe('P4 and P6: broken bodies', () => {
  test('a request cut at any byte is 400 with the offset, and nothing is stored', async () => {
    await using receiver = await startReceiver()
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const body = encodeRequest([spanOf({ attributes: [textAttribute('a', 'b')] })], {
      attributes: [textAttribute('c', 'd')],
    })
    for (let bytes = 1; bytes < body.length; bytes += 1) {
      const headers = { 'content-type': PROTOBUF }
      const outgoing = request({ agent, port: receiver.port, method: 'POST', path: '/v1/traces', headers })
      outgoing.end(body.subarray(0, bytes))
      const [response] = await once(outgoing, 'response')
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk as Buffer)
      expect(response.statusCode).toBe(400)
      const status = statusOf(Buffer.concat(chunks)) as { details: { typeUrl: string; value: string }[] }
      expect(status.details[0]?.typeUrl).toBe('type.googleapis.com/google.rpc.BadRequest')
      const detail = decodeMessage('BadRequest', hex(status.details[0]?.value ?? ''))
      expect(detail).toMatchObject({ fieldViolations: [{ field: expect.stringMatching(/^byte \d+$/) }] })
    }
    agent.destroy()
    expect(receiver.wal.durableLsn).toBe(0n)
  })

  const whole = gzipSync(encodeRequest([spanOf()]))
  const frame = (name = 'chat'): Buffer => zstdCompressSync(encodeRequest([spanOf({ name })]))

  test.each([
    ['plain bytes under a gzip header', encodeRequest([spanOf()]), 'gzip'],
    ['gzip cut short', whole.subarray(0, -4), 'gzip'],
    ['garbage behind gzip', Buffer.concat([whole, Buffer.from('garbage')]), 'gzip'],
    ['garbage behind deflate', Buffer.concat([deflateSync(encodeRequest([spanOf()])), Buffer.from('x')]), 'deflate'],
    ['raw gzip under a deflate header', whole, 'deflate'],
    ['plain bytes under a zstd header', encodeRequest([spanOf()]), 'zstd'],
    ['zstd cut short', frame().subarray(0, -4), 'zstd'],
    ['garbage behind zstd', Buffer.concat([frame(), Buffer.from('garbage')]), 'zstd'],
    ['nothing under a zstd header but a piece of it', frame().subarray(0, 3), 'zstd'],
  ])('%s is 400', async (_, body, encoding) => {
    await using receiver = await startReceiver()
    const answer = await sendProtobuf(receiver.port, body, { 'content-encoding': encoding })
    expect([answer.code, statusOf(answer.body)['code']]).toEqual([400, 3])
    expect(receiver.wal.durableLsn).toBe(0n)
  })

  test('several gzip members are one body', async () => {
    await using receiver = await startReceiver()
    const members = Buffer.concat(['a', 'b'].map((name) => gzipSync(encodeRequest([spanOf({ name })]))))
    expect((await sendProtobuf(receiver.port, members, { 'content-encoding': 'gzip' })).code).toBe(200)
    expect(await loggedSpans(receiver.wal)).toEqual(['a', 'b'])
  })

  test('a gzip body is taken whole whatever size its end tells', async () => {
    await using receiver = await startReceiver()
    const padding = Array.from({ length: 300 }, (_, n) => textAttribute(`app.key_${n}`, 'x'.repeat(200)))
    const large = gzipSync(encodeRequest([spanOf({ name: 'large', attributes: padding })]))
    const small = gzipSync(encodeRequest([spanOf({ name: 'small' })]))
    // The end of the last member tells its own size only.
    const body = Buffer.concat([large, small])
    expect((await sendProtobuf(receiver.port, body, { 'content-encoding': 'gzip' })).code).toBe(200)
    expect(await loggedSpans(receiver.wal)).toEqual(['large', 'small'])
    const lying = Buffer.from(large)
    lying.writeUInt32LE(0xfffffff0, lying.length - 4)
    expect((await sendProtobuf(receiver.port, lying, { 'content-encoding': 'gzip' })).code).toBe(400)
  })

  test('an answer to zstd covers every frame: those behind the first count, skipped ones hold nothing, one too many is 400', async () => {
    await using receiver = await startReceiver()
    const skipped = Buffer.from('502a4d180400000061626364', 'hex')
    const transmit = (frames: readonly Buffer[]) =>
      sendProtobuf(receiver.port, Buffer.concat(frames), { 'content-encoding': 'zstd' })
    expect((await transmit([frame('a'), skipped, frame('b')])).code).toBe(200)
    expect(await loggedSpans(receiver.wal)).toEqual(['a', 'b'])
    const most = Array.from({ length: limits.zstdFramesMax }, (_, index) => frame(`of many ${index}`))
    expect((await transmit(most)).code).toBe(200)
    expect((await transmit([...most, frame()])).code).toBe(400)
    expect(await loggedSpans(receiver.wal)).toHaveLength(2 + limits.zstdFramesMax)
  })
})

describe('P5: broken JSON', () => {
  test('is 400 with the path in JSON, and never a value', async () => {
    await using receiver = await startReceiver()
    const answer = await sendJson(receiver.port, {
      resourceSpans: [{ scopeSpans: [{ spans: [{ startTimeUnixNano: 'SECRET' }] }] }],
    })
    const path = 'resourceSpans[0].scopeSpans[0].spans[0].startTimeUnixNano'
    const message = `expected an integer at ${path}`
    expect(answer.code).toBe(400)
    expect(JSON.parse(answer.body.toString())).toEqual({
      code: 3,
      message,
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.BadRequest',
          fieldViolations: [{ field: path, description: message }],
        },
      ],
    })
  })

  test.each(['{"SECRET', '['.repeat(100_000), '"SECRET"', '\u0000'])('%.20j is 400', async (text) => {
    await using receiver = await startReceiver()
    const answer = await sendJson(receiver.port, text)
    expect(answer.code).toBe(400)
    expect(answer.body.includes('SECRET')).toBe(false)
  })
})
