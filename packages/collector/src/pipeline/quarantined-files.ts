/**
 * Files of the quarantine of a log that can be posted after a fix: blocks that the database refused, and records that could
 * not be decoded. Written by the pipeline, read by `outlay replay`; one that was posted keeps its files and gets a mark.
 */
import { readdir, readFile } from 'node:fs/promises'
import type { LogRange } from '@outlay/clickhouse'
import { z } from 'zod'
import { nodeFileSystem, type Wal, type WalRecord, writeFileAtomically } from '#src/wal/index.ts'
import type { CountedBlock } from './sealed-manifest.ts'

const blockSchema = z.object({
  code: z.string(),
  table: z.string(),
  token: z.string(),
  rows: z.number(),
  /** Blocks of the first versions did not say. */
  columns: z.array(z.string()).optional(),
})
const recordSchema = z.object({
  reason: z.literal('undecodable'),
  wal_id: z.string(),
  lsn: z.coerce.bigint(),
  received_unix_nano: z.coerce.bigint(),
  authority: z.string(),
  problem: z.string(),
})

export const quarantineBlock = (
  wal: Wal,
  { table, token, rows, columns, body }: CountedBlock,
  unitName: string,
  code: string,
): Promise<void> => wal.quarantine(`${unitName}-${table}`, body, { code, table, token, rows, columns })

export const quarantineRecord = (wal: Wal, record: WalRecord, problem: string): Promise<void> =>
  wal.quarantine(`record-${record.walUuid}-${record.lsn}`, record.body, {
    reason: 'undecodable',
    wal_id: record.walUuid,
    lsn: record.lsn.toString(),
    received_unix_nano: record.receivedUnixNano.toString(),
    authority: record.meta.authority,
    problem,
  })

export type QuarantinedFile = { readonly name: string; readonly content: () => Promise<Buffer> } & (
  | { readonly kind: 'block'; readonly block: z.infer<typeof blockSchema> }
  | { readonly kind: 'record'; readonly record: z.infer<typeof recordSchema> }
  /** Damage of the log: kept as evidence. */
  | { readonly kind: 'damage'; readonly reason: string }
)

const REASON = '.reason.json'
const POSTED = '.posted.json'

const directoryOf = (wal: Pick<Wal, 'directory'>): string => `${wal.directory}/quarantine`

/** In order of their names; those that were posted are left out, and counted. */
export const readQuarantinedFiles = async (
  wal: Pick<Wal, 'directory'>,
): Promise<{ readonly files: readonly QuarantinedFile[]; readonly posted: number }> => {
  const directory = directoryOf(wal)
  const present = new Set(await readdir(directory))
  const names = [...present].filter((name) => name.endsWith(REASON)).map((name) => name.slice(0, -REASON.length))
  const waiting = names.filter((name) => !present.has(`${name}${POSTED}`)).toSorted()
  const files = await Promise.all(waiting.map((name) => readQuarantinedFile(directory, name)))
  return { files, posted: names.length - waiting.length }
}

const readQuarantinedFile = async (directory: string, name: string): Promise<QuarantinedFile> => {
  const reason: unknown = JSON.parse(await readFile(`${directory}/${name}${REASON}`, 'utf8'))
  const content = (): Promise<Buffer> => readFile(`${directory}/${name}.bin`)
  const block = blockSchema.safeParse(reason)
  if (block.success) return { name, content, kind: 'block', block: block.data }
  const record = recordSchema.safeParse(reason)
  if (record.success) return { name, content, kind: 'record', record: record.data }
  const other = (reason as { reason?: unknown }).reason
  return { name, content, kind: 'damage', reason: typeof other === 'string' ? other : 'unknown' }
}

/** Durable when resolved. */
export const markPosted = (wal: Pick<Wal, 'directory'>, name: string, posted: object): Promise<void> =>
  writeFileAtomically(nodeFileSystem, directoryOf(wal), `${name}${POSTED}`, [
    Buffer.from(`${JSON.stringify(posted)}\n`),
  ])

const RECORDS_OF_TOKEN = /^([^:]+):\d+:(\d+)-(\d+):/

/** The records of a block of evidence, which its token names. */
export const rangeOfToken = (token: string): LogRange | undefined => {
  const [, walId, firstLsn, lastLsn] = RECORDS_OF_TOKEN.exec(token) ?? []
  if (walId === undefined || firstLsn === undefined || lastLsn === undefined) return undefined
  return { walId, firstLsn: BigInt(firstLsn), lastLsn: BigInt(lastLsn) }
}
