/** Options of `outlay plan` → planned usage. Every flag that is wrong is told at once. */
import { OutlayError, parseDecimal } from '@outlay/core'
import type { PlannedUsage, PlannedWorkload, Ratio } from '@outlay/pricing'

export interface PlanOptions {
  readonly workload: PlannedWorkload
  readonly sessions: string
  readonly turns: string
  readonly input: string
  readonly output: string
  readonly multiplier?: string
  readonly toolCallFactor?: string
  readonly retrievedContext?: string
  readonly users: string
  readonly tier?: string
  readonly provider?: string
  readonly model?: string
  readonly at?: string
  readonly seatPrice?: string
  readonly targetMargin?: string
  readonly json: boolean
}

/** Money of a budget: what a user of a seat may cost. */
export interface SeatBudget {
  readonly seatFemtoUsd: bigint
  readonly margin: Ratio
}

export interface Plan {
  /** With the default multiplier where none was given. */
  readonly usage: PlannedUsage
  readonly isMultiplierGiven: boolean
  readonly users: number
  readonly seat?: SeatBudget
}

const PLACES = 6
const ONE = 10n ** BigInt(PLACES)
/** Usual of an agent: 1.5 to 2.5 calls per turn that a user sees (kpis §1). */
const AGENT_CALLS_PER_TURN = '2'
const DEFAULT_MULTIPLIER = '4'
const FEMTO_PLACES = 15
/** Above it a plan is a typing error, and a call has more tokens than any meter takes. */
const QUANTITY_MAX = 10n ** 12n

class Flags {
  readonly problems: string[] = []

  refuse(flag: string, got: string | undefined, want: string): void {
    this.problems.push(`${flag}: ${got === undefined ? 'missing' : `got ${JSON.stringify(got)}`}; want ${want}`)
  }

  private unitsOf(text: string, places: number): bigint | undefined {
    try {
      return parseDecimal(text, places)
    } catch {
      return undefined
    }
  }

  /** A decimal above 0. */
  ratio(flag: string, text: string): Ratio {
    const numerator = this.unitsOf(text, PLACES)
    const isFine = numerator !== undefined && numerator > 0n && numerator <= QUANTITY_MAX * ONE
    if (!isFine) this.refuse(flag, text, `a decimal above 0, at most ${PLACES} places`)
    return { numerator: isFine ? numerator : ONE, denominator: ONE }
  }

  whole(flag: string, text: string, least: bigint): bigint {
    const value = /^\d{1,13}$/.test(text) ? BigInt(text) : -1n
    if (value >= least && value <= QUANTITY_MAX) return value
    this.refuse(flag, text, `a whole number from ${least} to ${QUANTITY_MAX}`)
    return least
  }

  share(flag: string, text: string): Ratio {
    const numerator = this.unitsOf(text, PLACES)
    const isFine = numerator !== undefined && numerator >= 0n && numerator < ONE
    if (!isFine) this.refuse(flag, text, 'a share from 0 to below 1, such as 0.8')
    return { numerator: isFine ? numerator : 0n, denominator: ONE }
  }

  usd(flag: string, text: string): bigint {
    const femto = this.unitsOf(text, FEMTO_PLACES)
    if (femto !== undefined && femto > 0n) return femto
    this.refuse(flag, text, 'dollars above 0, such as 29.00')
    return 1n
  }
}

/** Fails with `E_PLAN`, with all that is wrong. */
export const parsePlan = (options: PlanOptions): Plan => {
  const { workload, toolCallFactor, retrievedContext } = options
  const flags = new Flags()
  if (workload !== 'agent' && toolCallFactor !== undefined) {
    flags.refuse(
      '--tool-call-factor',
      toolCallFactor,
      'it with --workload agent only: other workloads make one call per turn',
    )
  }
  if (workload === 'rag' ? retrievedContext === undefined : retrievedContext !== undefined) {
    flags.refuse(
      '--retrieved-context',
      retrievedContext,
      'tokens with --workload rag, 3 to 5 times the prompt as a rule, and none otherwise',
    )
  }
  const usage: PlannedUsage = {
    sessions: flags.ratio('--sessions', options.sessions),
    turns: flags.ratio('--turns', options.turns),
    toolCallFactor: flags.ratio(
      '--tool-call-factor',
      toolCallFactor ?? (workload === 'agent' ? AGENT_CALLS_PER_TURN : '1'),
    ),
    inputTokens: flags.whole('--input', options.input, 0n),
    outputTokens: flags.whole('--output', options.output, 0n),
    retrievedTokens: flags.whole('--retrieved-context', retrievedContext ?? '0', 0n),
    multiplier: flags.ratio('--multiplier', options.multiplier ?? DEFAULT_MULTIPLIER),
  }
  const users = Number(flags.whole('--users', options.users, 1n))
  const seat = parseSeat(options, flags)
  if ((options.provider === undefined) !== (options.model === undefined)) {
    const missing = options.provider === undefined ? '--provider' : '--model'
    flags.refuse(missing, undefined, 'both --provider and --model, or none of them')
  }
  if (flags.problems.length > 0) {
    throw new OutlayError('E_PLAN', `the plan is not complete or contradicts itself:\n  ${flags.problems.join('\n  ')}`)
  }
  return { usage, isMultiplierGiven: options.multiplier !== undefined, users, ...(seat === undefined ? {} : { seat }) }
}

const parseSeat = ({ seatPrice, targetMargin }: PlanOptions, flags: Flags): SeatBudget | undefined => {
  if (seatPrice === undefined && targetMargin === undefined) return undefined
  if (seatPrice === undefined) flags.refuse('--seat-price', undefined, 'the price that --target-margin is a share of')
  if (targetMargin === undefined) flags.refuse('--target-margin', undefined, 'the margin that --seat-price shall keep')
  return {
    seatFemtoUsd: flags.usd('--seat-price', seatPrice ?? '1'),
    margin: flags.share('--target-margin', targetMargin ?? '0'),
  }
}
