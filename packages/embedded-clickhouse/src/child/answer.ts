import type { ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { engineLimits } from '../limits.ts'
import type { Fault } from './fault.ts'
import type { StatementResult } from './statement.ts'

const compress = promisify(gzip)

const CONTENT_TYPES: readonly (readonly [RegExp, string])[] = [
  [
    /^JSON(EachRow|CompactEachRow|StringsEachRow|CompactStringsEachRow|LinesEachRow)/,
    'application/x-ndjson; charset=UTF-8',
  ],
  [/^JSON/, 'application/json; charset=UTF-8'],
  [/^(TabSeparated|TSV)/, 'text/tab-separated-values; charset=UTF-8'],
  [/^CSV/, 'text/csv; charset=UTF-8; header=absent'],
  [/^(Native|RowBinary|Parquet|Arrow|ORC|Avro|BSON|MsgPack|Protobuf)/, 'application/octet-stream'],
]

const contentTypeOf = (format: string): string =>
  CONTENT_TYPES.find(([pattern]) => pattern.test(format))?.[1] ?? 'text/plain; charset=UTF-8'

export interface AnswerContext {
  readonly response: ServerResponse
  readonly queryId: string
  readonly acceptsGzip: boolean
}

const commonHeaders = (queryId: string): Record<string, string> => ({
  'X-ClickHouse-Query-Id': queryId,
  'X-ClickHouse-Timezone': 'UTC',
  'X-ClickHouse-Server-Display-Name': 'outlay-embedded',
})

/** Informative only. Rows written by a Native insert are not known to us, so they are left out rather than guessed. */
const summaryOf = (result: StatementResult): string =>
  JSON.stringify({
    read_rows: String(result.resultRows),
    read_bytes: '0',
    ...(result.writtenRows === undefined ? {} : { written_rows: String(result.writtenRows) }),
    result_rows: String(result.resultRows),
    result_bytes: String(result.bytes.length),
    elapsed_ns: String(Math.round(result.elapsedSeconds * 1e9)),
  })

export const sendResult = async (context: AnswerContext, result: StatementResult): Promise<void> => {
  const zipped = context.acceptsGzip && result.bytes.length > engineLimits.compressAboveBytes
  const body = zipped ? await compress(result.bytes) : result.bytes
  context.response.writeHead(200, {
    ...commonHeaders(context.queryId),
    'Content-Type': contentTypeOf(result.format),
    'Content-Length': body.length,
    ...(zipped ? { 'Content-Encoding': 'gzip' } : {}),
    'X-ClickHouse-Format': result.format,
    'X-ClickHouse-Summary': summaryOf(result),
  })
  context.response.end(body)
}

export const sendFault = (context: AnswerContext, fault: Fault, version: string): void => {
  const body = Buffer.from(`${fault.text} (version ${version})\n`)
  context.response.writeHead(fault.status, {
    ...commonHeaders(context.queryId),
    'Content-Type': 'text/plain; charset=UTF-8',
    'Content-Length': body.length,
    'X-ClickHouse-Exception-Code': fault.code,
    ...(fault.status === 503 ? { 'Retry-After': '1' } : {}),
    ...(fault.status === 413 ? { Connection: 'close' } : {}),
  })
  context.response.end(body)
}
