/**
 * Files of the quarantine of a log that can be posted after a fix: rows that the database refused, and records that could
 * not be read. Written by the pipeline, read by `outlay replay`; one that was posted keeps its files and gets a mark.
 */
import { readdir, readFile } from 'node:fs/promises'
import { z } from 'zod'
import { WireError } from '#src/otlp/index.ts'
import { nodeFileSystem, type Wal, writeFileAtomically } from '#src/wal/index.ts'
import type { RefusedRow } from './deliver-unit.ts'
import type { UnreadableRecord } from './evidence-unit.ts'

const blockSchema = z.object({
  code: z.string(),
  table: z.string(),
  token: z.string(),
  rows: z.number(),
  /** Blocks of the first versions did not say. */
  columns: z.array(z.string()).optional(),
})
const recordSchema = z.object({
  reason: z.literal('unreadable_record'),
  wal_id: z.string(),
  lsn: z.coerce.bigint(),
  received_unix_nano: z.coerce.bigint(),
  authority: z.string(),
  /** Of the token, where it is bound to one. */
  tenant: z.string().optional(),
  problem: z.string(),
})

/** Where a row stands, and whether its log may have put it there before: names of earlier logs may be given again. */
export const quarantineRow = (wal: Wal, { block, unitName, code, place }: RefusedRow): Promise<void> => {
  const { table, token, rows, columns, body } = block
  const name = [wal.uuid, unitName, table, place['lsn'] ?? place['unit'], place['pos']].join('-')
  return wal.quarantine(name, body, { reason: 'refused_row', code, table, token, rows, columns, unit: unitName, place })
}

export const quarantineRecord = (wal: Wal, unreadable: UnreadableRecord): Promise<void> => {
  const { walUuid, lsn, receivedUnixNano, meta, body } = unreadable.record
  const { authority, tenant } = meta
  return wal.quarantine(`${walUuid}-record-${lsn}`, body, {
    reason: 'unreadable_record',
    wal_id: walUuid,
    lsn: lsn.toString(),
    received_unix_nano: receivedUnixNano.toString(),
    authority,
    ...(tenant === undefined ? {} : { tenant }),
    problem: problemOf(unreadable),
  })
}

/** Says where in the bytes it is, or what kind of mistake it was; never what stands there. */
export const problemOf = ({ error }: UnreadableRecord): string => {
  if (error instanceof WireError) return error.message
  return error instanceof Error ? error.name : 'unknown'
}

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
