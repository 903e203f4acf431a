/**
 * The first question of ClickHouse's Go client over HTTP, answered by hand.
 *
 * The client asks with the framing of revision 54460 and then speaks the revision that the answer names. The engine
 * would name its own (54513) and then send plain revision-0 blocks, so the answer names 0. From there on its Native
 * output is exactly what the client expects.
 */
const QUESTION = /^\s*SELECT\s+displayName\(\),\s*version\(\),\s*revision\(\),\s*timezone\(\)\s*;?\s*$/i

export const isHandshake = (sql: string, settings: ReadonlyMap<string, string>): boolean =>
  settings.has('client_protocol_version') && QUESTION.test(sql)

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value)
  return Buffer.concat([Buffer.from([bytes.length]), bytes])
}

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

/** One Native block of one row in the 54460 framing: block info, counts, and a serialisation byte per column. */
export const encodeHandshake = (version: string): Buffer => {
  const columns: readonly (readonly [string, string, Buffer])[] = [
    ['displayName()', 'String', text('outlay-embedded')],
    ['version()', 'String', text(version)],
    ['revision()', 'UInt32', uint32(0)],
    ['timezone()', 'String', text('UTC')],
  ]
  const blockInfo = Buffer.from([0x01, 0x00, 0x02, 0xff, 0xff, 0xff, 0xff, 0x00])
  const counts = Buffer.from([columns.length, 1])
  const cells = columns.map(([name, type, cell]) => Buffer.concat([text(name), text(type), Buffer.from([0]), cell]))
  return Buffer.concat([blockInfo, counts, ...cells])
}
