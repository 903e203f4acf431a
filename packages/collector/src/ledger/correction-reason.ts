/** Why a charge was corrected, told from what changed (spec: counters §11). */
import { isDeepStrictEqual } from 'node:util'
import type { CallRow } from '@outlay/clickhouse'
import { type ChargeContent, SAID_COLUMNS } from './settled-row.ts'

/** What made somebody look at a trace again; `operator`: a person asked for it. */
export type Trigger = 'arrival' | 'rules' | 'tables' | 'operator'

export type CorrectionReason = 'late_span' | 'rule_change' | 'attribution' | 'duplicate' | 'refold' | 'operator'

/** Whom and what the call was for. */
const ATTRIBUTION_COLUMNS: ReadonlySet<string> = new Set<keyof CallRow>([
  'tenant',
  'user',
  'subject',
  'feature',
  'route',
  'workload',
  'task',
  'task_type',
  'parent_task',
  'session',
  'turn',
  'tool',
  'agent',
  'prompt_version',
  'effort',
  'tier',
  'environment',
  'service',
  'attempt',
  'outcome',
])

const COUNTED_COLUMNS = SAID_COLUMNS.filter((column) => !ATTRIBUTION_COLUMNS.has(column))

interface Correction {
  readonly open: CallRow
  /** Undefined where the call is no longer billed. */
  readonly replacement: ChargeContent | undefined
  readonly isDuplicate: boolean
}

export const reasonOf = (trigger: Trigger, { open, replacement, isDuplicate }: Correction): CorrectionReason => {
  if (trigger === 'tables') return 'refold'
  if (trigger === 'rules') return 'rule_change'
  if (trigger === 'operator') return 'operator'
  if (replacement === undefined) return isDuplicate ? 'duplicate' : 'late_span'
  const counted = COUNTED_COLUMNS.every((column) =>
    isDeepStrictEqual(Reflect.get(open, column), Reflect.get(replacement, column)),
  )
  return counted ? 'attribution' : 'late_span'
}
