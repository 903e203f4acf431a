/** What a check of the ledger answers: what it looked at, and what is not as it must be. */

/** The proofs, by the law that each of them checks. */
export type CheckName =
  | 'schema'
  | 'windows'
  | 'entry_ids'
  | 'net_signs'
  | 'reversals'
  | 'counters'
  | 'skus'
  | 'trace_indexes'
  | 'cuts'
  | 'evidence'
  | 'log_records'
  | 'settlement'

export interface Finding {
  readonly check: CheckName
  readonly what: string
  /** Ids and names that lead there. Never content: attribution is shown where it is part of a key of counters. */
  readonly where: Readonly<Record<string, string>>
  readonly got: string
  readonly want: string
  /** What to do about it. */
  readonly fix: string
}

export interface CheckResult {
  readonly check: CheckName
  /** How much was looked at, by what it is. */
  readonly checked: Readonly<Record<string, number>>
  /** All findings are counted; the first of them are listed. */
  readonly found: number
  readonly findings: readonly Finding[]
}

/** A finding and its identity: the same difference, seen again while rows are being written, has the same key. */
export interface KeyedFinding {
  readonly key: string
  readonly finding: Finding
}

/** What was seen at one look. `found` may be more than what is listed. */
export interface Look {
  readonly checked: Readonly<Record<string, number>>
  readonly found: number
  readonly listed: readonly KeyedFinding[]
}

export const keyed = (finding: Finding, difference = `${finding.got}\u0000${finding.want}`): KeyedFinding => ({
  key: `${finding.check}\u0000${finding.what}\u0000${JSON.stringify(finding.where)}\u0000${difference}`,
  finding,
})

export const mergeLooks = (looks: readonly Look[]): Look => {
  const checked: Record<string, number> = {}
  for (const look of looks) {
    for (const [what, count] of Object.entries(look.checked)) checked[what] = (checked[what] ?? 0) + count
  }
  return {
    checked,
    found: looks.reduce((sum, { found }) => sum + found, 0),
    listed: looks.flatMap(({ listed }) => listed),
  }
}
