/** `outlay prices add --edge`: where calls are cut, and the calls that are here already moved behind the cut. */
import { addBandEdge, type ClickHouseClient } from '@outlay/clickhouse'
import { OutlayError, SLOT_SECONDS, systemClock } from '@outlay/core'
import { formatInstant, PriceBookError } from '@outlay/pricing'
import { bookTables, withWriter, type WriterOptions } from '#src/book/open-book.ts'
import { type CutResult, waitUntilMoved } from '#src/book/wait-until-moved.ts'
import { type CommandContext, EXIT } from '#src/command-context.ts'
import { parseInstant, parseWholeNumber } from '#src/parse-option.ts'

export interface CutOptions extends WriterOptions {
  readonly edge?: string
  readonly from?: string
  readonly reason: string
  readonly timeout: string
  readonly json: boolean
}

interface Cut {
  /** In words. */
  readonly text: string
  readonly append: (client: ClickHouseClient) => Promise<'added' | 'unchanged'>
}

const edgeOf = ({ edge: text, from, reason, author, database }: CutOptions & { readonly edge: string }): Cut => {
  if (from === undefined) {
    throw new OutlayError('E_PRICE_QUOTE', 'the edge has no start', { fix: 'give --from, such as --from 2026-09-01' })
  }
  const activeFrom = parseInstant(from, '--from')
  if (activeFrom < 0 || activeFrom % SLOT_SECONDS !== 0) {
    const what = `${from} is no start of a 30-minute slot`
    throw new PriceBookError([{ code: 'E_OFF_SLOT', where: '--from', what }])
  }
  const tokens = parseWholeNumber(text, '--edge')
  if (tokens === 0) throw new OutlayError('E_NUMBER', 'every call is above 0 tokens', { where: '--edge', got: text })
  const edge = { tokens, activeFrom }
  return {
    text: `Calls are cut at ${tokens} tokens from ${formatInstant(activeFrom)} on`,
    append: (client) =>
      addBandEdge(client, database, bookTables(), { ...edge, author, reason, atMs: systemClock.now() }),
  }
}

/** Appends an edge and waits until no call stands under another band. Answers the exit code. */
export const addEdge = (context: CommandContext, options: CutOptions & { readonly edge: string }): Promise<number> =>
  appendCut(context, options, edgeOf(options))

const appendCut = async (context: CommandContext, options: CutOptions, { text, append }: Cut): Promise<number> => {
  const { database, json } = options
  const timeoutSeconds = parseWholeNumber(options.timeout, '--timeout')
  const result = await withWriter(context, options, (client) =>
    waitUntilMoved(context, client, { database, timeoutSeconds, append: () => append(client) }),
  )
  context.stdout.write(`${json ? JSON.stringify(result, null, 2) : describeCut(text, result)}\n`)
  return result.waiting.length === 0 ? EXIT.done : EXIT.unreachable
}

const describeCut = (text: string, { outcome, moved, waiting }: CutResult): string =>
  [
    `${text}${outcome === 'unchanged' ? ', as before' : ''}; ${moved} calls were moved.`,
    ...waiting.map(({ log, calls }) => `  ${calls} calls wait for the collector of log ${log}: start it.`),
    ...(waiting.length > 0 ? ['  Then run the same command again. Until then no price with such a cut is exact.'] : []),
  ].join('\n')
