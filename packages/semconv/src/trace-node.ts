/** A span of the trace with everything that selection needs to know about it. */
import { isLeafRole, type SpanRole } from './dialect-rule.ts'
import type { BillableReason, SpanEvidence } from './evidence.ts'
import type { QualityFlag } from './flags.ts'
import { TEXT } from './key-index.ts'
import type { MatchedRule } from './rule-candidates.ts'
import type { SpanUsage, UsagePart, UsageReading } from './read-span-usage.ts'
import { type SpanFacts, textFact } from './span-facts.ts'

/** What lies below an outer leaf, summed over innermost leaves only. */
interface InnerLeaves {
  count: number
  /** Those that are billed: without further records of the same call. */
  calls: number
  /** Sums over these calls. */
  inputTotal: number
  outputTotal: number
  /** The call, while there is exactly one. */
  sole: TraceNode | undefined
}

export interface TraceNode {
  readonly span: SpanEvidence
  readonly rule: MatchedRule
  readonly facts: SpanFacts
  /** Attribution of the span and its ancestors, once it was asked for: by place in `TEXT`. */
  inherited: readonly string[] | undefined
  readonly role: SpanRole
  readonly original: SpanUsage
  /** What is billed; differs from the original where an outer span knew more. */
  usage: UsageReading
  parts: readonly UsagePart[]
  parent: TraceNode | undefined
  /** Id of the missing span in which the chain of ancestors ends; empty = it ends in a root. */
  hole: string
  depth: number
  /** The end of the chain of ancestors; the span itself if it has none. */
  top: TraceNode | undefined
  /** From where the chain was followed last: meeting it again shows a circle. */
  walkedFrom: TraceNode | undefined
  inner: InnerLeaves
  billed: BillableReason | undefined
  /** Dropped in favour of another record of the same call. */
  duplicateOf: TraceNode | undefined
  billedAbove: boolean
  billedBelow: boolean
  absentBelow: boolean
  readonly flags: QualityFlag[]
  /** Other records of the same call: they lend missing attribution. */
  readonly donors: TraceNode[]
}

export const hasUsage = (node: TraceNode): boolean => node.usage.status !== 'absent'

export const isLeafNode = ({ role }: TraceNode): boolean => isLeafRole(role)

/** The call attempt that the sender named on this very span; never inherited. */
export const leafIdOf = ({ facts }: TraceNode): string => textFact(facts, TEXT.ownLeafId)

/** Order of spans wherever one must be chosen. */
export const bySpanId = (a: TraceNode, b: TraceNode): number =>
  a.span.spanId < b.span.spanId ? -1 : a.span.spanId > b.span.spanId ? 1 : 0
