/**
 * What the agent says that a session has used, model by model, against what was recorded of it. The agent's sums are running
 * totals, and a resumed session goes on with those of the session before.
 */
import { limits } from '@outlay/core'
import { fieldOf, isObject, textOf } from '#src/call/untyped.ts'
import { processWide } from '#src/process-wide.ts'
import { countsOfModel, differenceOf, NO_TOKENS, sumOf, type TokenCounts } from './token-counts.ts'

type Sums = ReadonlyMap<string, TokenCounts>

/** Last sums of each session, for those that are resumed in this process. */
const known = processWide('agent-sessions', () => new Map<string, Sums>())

const remember = (sessionId: string, sums: Sums): void => {
  known.delete(sessionId)
  known.set(sessionId, sums)
  const [oldest] = known.keys()
  // One that is forgotten is told like one of another process: by its messages alone.
  if (known.size > limits.instrumentation.agentSessionsMax && oldest !== undefined) known.delete(oldest)
}

const sumsIn = (modelUsage: unknown): Sums =>
  new Map(Object.entries(isObject(modelUsage) ? modelUsage : {}).map(([model, usage]) => [model, countsOfModel(usage)]))

/** Without what the agent adds (`[1m]`) and what the provider adds (a date). */
const bare = (model: string): string => model.replace(/\[.*\]$/, '').replace(/-\d{8}$/, '')

export interface Rest {
  readonly model: string
  readonly counts: TokenCounts
}

export class SessionSums {
  readonly #resumed: string | undefined
  readonly #isResumed: boolean
  readonly #recorded = new Map<string, TokenCounts>()
  #accounted: Sums | undefined

  /** `resumed`: id of the session that is gone on with, if it is known. */
  constructor(isResumed: boolean, resumed: string | undefined) {
    this.#isResumed = isResumed
    this.#resumed = resumed
  }

  /** A call that has a span. */
  record(model: string, counts: TokenCounts): void {
    this.#recorded.set(bare(model), sumOf(this.#recorded.get(bare(model)) ?? NO_TOKENS, counts))
  }

  /**
   * What the sums of a result have beyond what was recorded: calls of sub-agents, titles, summaries. `undefined` where nobody
   * knows with which sums the session began, or what was recorded is no part of them.
   */
  restOf(result: unknown): readonly Rest[] | undefined {
    const sums = sumsIn(fieldOf(result, 'modelUsage'))
    const sessionId = textOf(result, 'session_id') ?? ''
    const before = this.#before(sums, sessionId)
    this.#accounted = sums
    remember(sessionId, sums)
    const recorded = new Map(this.#recorded)
    this.#recorded.clear()
    if (before === undefined) return undefined
    const rest: Rest[] = []
    for (const [model, now] of sums) {
      const mine = recorded.get(bare(model)) ?? NO_TOKENS
      recorded.delete(bare(model))
      const counts = differenceOf(now, sumOf(before.get(model) ?? NO_TOKENS, mine))
      if (counts === undefined) return undefined
      rest.push({ model, counts })
    }
    return recorded.size === 0 ? rest : undefined
  }

  #before(sums: Sums, sessionId: string): Sums | undefined {
    if (this.#accounted !== undefined) return this.#accounted
    if (!this.#isResumed) return new Map()
    const before = known.get(this.#resumed ?? sessionId)
    const isPart = before !== undefined && [...before].every(([model, counts]) => isWithin(counts, sums.get(model)))
    return isPart ? before : undefined
  }
}

const isWithin = (before: TokenCounts, now: TokenCounts = NO_TOKENS): boolean => differenceOf(now, before) !== undefined
