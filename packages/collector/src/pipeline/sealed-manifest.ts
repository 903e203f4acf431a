/** What a sealed unit carries: the exact bytes per table and the token each goes with, fixed before the first attempt. */
import { assert } from '@outlay/core'
import type { EncodedUnit } from '@outlay/clickhouse'
import { z } from 'zod'

const manifestSchema = z.object({
  kind: z.enum(['evidence', 'ledger']),
  /** Last record whose spans the unit holds (evidence); 0 for ledger units. */
  lastLsn: z.coerce.bigint(),
  blocks: z.array(
    z.object({
      table: z.string(),
      columns: z.array(z.string()),
      rows: z.number(),
      bytes: z.number(),
      token: z.string(),
    }),
  ),
})

type UnitKind = z.infer<typeof manifestSchema>['kind']

/** An encoded block with the number of rows in it. */
export type CountedBlock = EncodedUnit & { readonly rows: number }

export interface OutgoingUnit {
  readonly name: string
  readonly kind: UnitKind
  readonly lastLsn: bigint
  readonly blocks: readonly CountedBlock[]
}

export const manifestOf = ({ kind, lastLsn, blocks }: OutgoingUnit): object => ({
  kind,
  lastLsn: lastLsn.toString(),
  blocks: blocks.map(({ table, columns, rows, body, token }) => ({ table, columns, rows, bytes: body.length, token })),
})

/** A sealed unit read back after a restart. */
export const outgoingUnitOf = (name: string, manifest: unknown, payload: Buffer): OutgoingUnit => {
  const { kind, lastLsn, blocks } = manifestSchema.parse(manifest)
  let start = 0
  const cut = blocks.map(({ bytes, ...block }) => {
    const body = payload.subarray(start, start + bytes)
    start += bytes
    return { ...block, body }
  })
  assert(start === payload.length, `sealed unit ${name} is longer than its manifest says`)
  return { name, kind, lastLsn, blocks: cut }
}
