/** What a sealed unit carries: the exact bytes per table and the token each goes with, fixed before the first attempt. */
import { assert } from '@outlay/core'
import type { EncodedUnit, ViewFeeds } from '@outlay/clickhouse'
import { z } from 'zod'
import type { Wal, SealedUnit } from '#src/wal/index.ts'

const manifestSchema = z.object({
  kind: z.enum(['evidence', 'ledger']),
  /** Last record whose spans the unit holds (evidence); 0 for ledger units. */
  lastLsn: z.coerce.bigint(),
  /** Absent from units of earlier versions: they count from when they are read. */
  sealedAtMs: z.number().optional(),
  blocks: z.array(
    z.object({
      table: z.string(),
      columns: z.array(z.string()),
      rows: z.number(),
      bytes: z.number(),
      token: z.string(),
      /** Absent from units of earlier versions. */
      feeds: z.array(z.string()).optional(),
    }),
  ),
})

type UnitKind = z.infer<typeof manifestSchema>['kind']

/** An encoded block with the number of rows in it. */
export type CountedBlock = EncodedUnit & {
  readonly rows: number
  /** The views on its table when it was sealed: with others, its token does not protect it. */
  readonly feeds?: ViewFeeds | undefined
}

export interface OutgoingUnit {
  readonly name: string
  readonly kind: UnitKind
  readonly lastLsn: bigint
  /** The log that its rows come from. */
  readonly walId: string
  readonly sealedAtMs: number
  readonly blocks: readonly CountedBlock[]
}

const manifestOf = ({ kind, lastLsn, sealedAtMs, blocks }: OutgoingUnit): object => ({
  kind,
  lastLsn: lastLsn.toString(),
  sealedAtMs,
  blocks: blocks.map(({ table, columns, rows, body, token, feeds }) => ({
    table,
    columns,
    rows,
    bytes: body.length,
    token,
    ...(feeds === undefined ? {} : { feeds }),
  })),
})

/** A sealed unit read back after a restart. */
export const outgoingUnitOf = ({ name, manifest, payload }: SealedUnit, nowMs: number): OutgoingUnit => {
  const { kind, lastLsn, sealedAtMs = nowMs, blocks } = manifestSchema.parse(manifest)
  let start = 0
  const cut = blocks.map(({ bytes, ...block }) => {
    const body = payload.subarray(start, start + bytes)
    start += bytes
    return { ...block, body }
  })
  assert(start === payload.length, `sealed unit ${name} is longer than its manifest says`)
  return { name, kind, lastLsn, walId: walIdOf(blocks), sealedAtMs, blocks: cut }
}

/** Every token begins with the log whose rows it names. */
const walIdOf = (blocks: readonly { readonly token: string }[]): string => blocks[0]?.token.split(':')[0] ?? ''

/** Fixes bytes and tokens. Durable when resolved. */
export const sealUnit = (wal: Wal, unit: OutgoingUnit): Promise<void> =>
  wal.seal(unit.name, payloadOf(unit), manifestOf(unit))

/** Puts the parts of a unit in its place. Durable when resolved. */
export const resealUnit = (wal: Wal, unit: OutgoingUnit): Promise<void> =>
  wal.reseal(unit.name, payloadOf(unit), manifestOf(unit))

const payloadOf = ({ blocks }: OutgoingUnit): readonly Buffer[] => blocks.map(({ body }) => body)
