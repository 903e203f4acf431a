import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { CONTENT_CARRIERS } from '@outlay/semconv'
import { describe, expect, test } from 'vitest'
import { sendJson, sendProtobuf } from './http-client.ts'
import { encodeMessage, type Plain } from './otlp-schema.ts'
import { loggedSpans, startReceiver } from './receiver-fixture.ts'
import { hex, SPAN_ID, textAttribute, TRACE_ID } from './requests.ts'

describe('content', () => {
  const CANARY = 'CANARY tell me a secret'

  test('is in no file of the log, whatever carried it and however it was sent', async () => {
    await using receiver = await startReceiver()
    const attributes = [
      ...CONTENT_CARRIERS.map((key) => textAttribute(key.replaceAll('*', '.0.x'), CANARY)),
      ...['my.prompt', 'last_message', 'exception.message'].map((key) => textAttribute(key, CANARY)),
      textAttribute('enduser.id', CANARY),
      textAttribute('metadata', JSON.stringify({ usage: { note: CANARY } })),
      textAttribute('outlay.usage.raw', JSON.stringify({ input_tokens: 1, text: CANARY })),
      { key: 'outlay.nested', value: { kvlistValue: { values: [{ key: 'k', value: { stringValue: CANARY } }] } } },
    ]
    const otlp = {
      resourceSpans: [
        {
          resource: { attributes },
          scopeSpans: [
            {
              scope: { name: 's', attributes },
              spans: [
                {
                  name: 'n',
                  attributes,
                  status: { code: 2, message: CANARY },
                  events: [
                    { name: 'gen_ai.choice', attributes },
                    { name: 'e', attributes },
                  ],
                  links: [{ attributes }],
                  unknownField: CANARY,
                },
              ],
            },
          ],
        },
      ],
    }
    const withIds = (ids: Plain): Plain => {
      const copy = structuredClone(otlp)
      Object.assign(copy.resourceSpans[0]?.scopeSpans[0]?.spans[0] ?? {}, ids)
      return copy
    }
    const protobuf = encodeMessage(
      'ExportTraceServiceRequest',
      withIds({ traceId: hex(TRACE_ID), spanId: hex(SPAN_ID) }),
    )
    expect(protobuf.includes('CANARY')).toBe(true)
    expect((await sendProtobuf(receiver.port, protobuf)).code).toBe(200)
    expect((await sendJson(receiver.port, withIds({ traceId: TRACE_ID, spanId: SPAN_ID, name: 'j' }))).code).toBe(200)
    const compressed = gzipSync(
      encodeMessage('ExportTraceServiceRequest', withIds({ traceId: hex(TRACE_ID), spanId: hex(SPAN_ID), name: 'z' })),
    )
    expect((await sendProtobuf(receiver.port, compressed, { 'content-encoding': 'gzip' })).code).toBe(200)
    expect(await loggedSpans(receiver.wal)).toEqual(['n', 'j', 'z'])
    for (const entry of await readdir(receiver.directory, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const content = await readFile(join(entry.parentPath, entry.name))
      expect([entry.name, content.includes('CANARY')]).toEqual([entry.name, false])
    }
  })
})
