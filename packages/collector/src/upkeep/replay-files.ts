/**
 * Posts what lies in the quarantine of a log. Evidence goes into `spans` under its own places in the log: what stands there
 * already is not posted again. Ledger blocks are not sent as they were: the ledger may have been corrected since, so that
 * their traces are brought to what their evidence says, which posts nothing twice.
 */
import {
  columnNames,
  countStored,
  type EncodedUnit,
  insertUnit,
  readLedgerTables,
  spanColumns,
  spansTable,
  tracesOfUnit,
  UnitEncoder,
} from '@outlay/clickhouse'
import { atOnce } from '@outlay/core'
import { WireError } from '#src/otlp/index.ts'
import type { TraceId } from '#src/ledger/trace-queue.ts'
import type { PostingPolicy } from '#src/ledger/settled-row.ts'
import { LoggedRequest } from '#src/pipeline/logged-request.ts'
import { markPosted, type QuarantinedFile, readQuarantinedFiles } from '#src/pipeline/quarantined-files.ts'
import { writtenSpanOf } from '#src/pipeline/span-rows.ts'
import type { LedgerKeeper } from './ledger-keeper.ts'
import { postRevision } from './rebuild-ledger.ts'

export interface ReplayedFiles {
  readonly posted: number
  /** Posted by an earlier replay. */
  readonly posted_before: number
  /** Damage of the log itself: nothing can be made of it. */
  readonly kept_as_evidence: number
  readonly spans: number
  readonly entries: number
  readonly refused: readonly { readonly file: string; readonly why: string }[]
}

type Replayed = { readonly spans: number; readonly entries: number } | { readonly why: string }

export const replayFiles = async (keeper: LedgerKeeper, onProgress: (line: string) => void): Promise<ReplayedFiles> => {
  const { files, posted: before } = await readQuarantinedFiles(keeper.wal)
  const result = { posted: 0, posted_before: before, kept_as_evidence: 0, spans: 0, entries: 0 }
  const refused: { file: string; why: string }[] = []
  for (const file of files) {
    keeper.signal.throwIfAborted()
    if (file.kind === 'damage') {
      result.kept_as_evidence += 1
      continue
    }
    const replayed = await replayFile(keeper, file)
    if ('why' in replayed) {
      refused.push({ file: file.name, why: replayed.why })
      continue
    }
    await markPosted(keeper.wal, file.name, { posted_at: new Date(keeper.clock.now()).toISOString(), ...replayed })
    result.posted += 1
    result.spans += replayed.spans
    result.entries += replayed.entries
    onProgress(`posted ${file.name}`)
  }
  return { ...result, refused }
}

const replayFile = async (
  keeper: LedgerKeeper,
  file: Exclude<QuarantinedFile, { readonly kind: 'damage' }>,
): Promise<Replayed> => {
  if (file.kind === 'record') return replayRecord(keeper, file)
  if (file.block.table === spansTable.table) return replayEvidence(keeper, file)
  return replayLedger(keeper, await file.content())
}

const policyOf = async ({ source, policy }: LedgerKeeper): Promise<PostingPolicy> => ({
  ...policy,
  ...(await readLedgerTables(source.client, source.database, policy)),
})

const settle = async (keeper: LedgerKeeper, traces: readonly TraceId[]): Promise<number> => {
  if (traces.length === 0) return 0
  const { calls, quarantine } = await postRevision(keeper, traces, await policyOf(keeper))
  return calls.length + quarantine.length
}

/** All or none of it stands in `spans` already; a part is nothing that sending could repair. */
const postEvidence = async (keeper: LedgerKeeper, unit: EncodedUnit): Promise<Replayed> => {
  const { client, database } = keeper.source
  const [walId = ''] = unit.token.split(':')
  const { rows, stored } = await countStored(client, database, { ...unit, walId })
  if (stored !== 0 && stored !== rows)
    return { why: `${stored} of its ${rows} spans are stored: restore \`spans\` first` }
  if (stored === 0) {
    const outcome = await insertUnit(client, database, unit)
    if (outcome.status !== 'accepted') return { why: `the database refuses it with code ${outcome.code}` }
  }
  const entries = await settle(keeper, tracesOfUnit(unit))
  return { spans: stored === 0 ? rows : 0, entries }
}

const replayEvidence = async (
  keeper: LedgerKeeper,
  { block, content }: Extract<QuarantinedFile, { readonly kind: 'block' }>,
): Promise<Replayed> => {
  const { table, token, columns = columnNames(spansTable) } = block
  return postEvidence(keeper, { table, token, columns, body: await content() })
}

const replayRecord = async (
  keeper: LedgerKeeper,
  { record, content }: Extract<QuarantinedFile, { readonly kind: 'record' }>,
): Promise<Replayed> => {
  const { wal_id: walId, lsn, authority, tenant, received_unix_nano: receivedUnixNano } = record
  try {
    const meta = { authority, ...(tenant === undefined ? {} : { tenant }) }
    const found = { walUuid: walId, lsn, receivedUnixNano, meta, body: await content() }
    const request = new LoggedRequest(found)
    if (request.length === 0) return { why: 'no span of it can be read' }
    const rows = Array.from({ length: request.length }, (_, pos) => request.span(pos)).map((span) =>
      writtenSpanOf(span, span.claimedTenant),
    )
    const unit = new UnitEncoder(spansTable.table, spanColumns)
    atOnce(unit.appending(rows))
    return await postEvidence(keeper, atOnce(unit.finishing(`${walId}:replay:${lsn}-${lsn}:${spansTable.table}`)))
  } catch (error) {
    if (error instanceof WireError) return { why: `it still cannot be read: ${error.message}` }
    throw error
  }
}

const replayLedger = async (keeper: LedgerKeeper, body: Buffer): Promise<Replayed> => ({
  spans: 0,
  entries: await settle(keeper, tracesOfUnit({ body })),
})
