/** `outlay prices add --edge` and `--slot-edge`: where calls are cut, and the calls that are here already moved behind the cut. */
import { addBandEdge, addSlotSplit, type ClickHouseClient } from '@outlay/clickhouse'
import { OutlayError, SLOT_SECONDS, systemClock } from '@outlay/core'
import { foldProvider, formatInstant, PriceBookError } from '@outlay/pricing'
import { bookTables, withWriter, type WriterOptions } from '#src/book/open-book.ts'
import { type CutResult, waitUntilMoved } from '#src/book/wait-until-moved.ts'
import { type CommandContext, EXIT } from '#src/command-context.ts'
import { parseInstant, parseWholeNumber } from '#src/parse-option.ts'

export interface CutOptions extends WriterOptions {
  readonly edge?: string
  /** `provider/raw-model@instant`. */
  readonly slotEdge?: string
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

const slotEdgeOf = ({ slotEdge, reason, author, database }: CutOptions & { readonly slotEdge: string }): Cut => {
  const [, raw = '', model = '', time = ''] = /^([^/]+)\/(.+)@([^@]+)$/.exec(slotEdge) ?? []
  if (model === '') {
    throw new OutlayError('E_PRICE_QUOTE', 'no model and time', {
      where: '--slot-edge',
      got: slotEdge,
      want: 'provider/raw-model@time, such as deepseek/deepseek-v4-pro@2026-09-14T04:10:00Z',
    })
  }
  const at = parseInstant(time, '--slot-edge')
  if (!Number.isInteger(at)) {
    throw new OutlayError('E_TIME', 'slots are cut at whole seconds', { where: '--slot-edge', got: time })
  }
  const provider = foldProvider(raw, bookTables().foldings)
  return {
    text: `Calls of ${provider}/${model} are cut at ${formatInstant(at)}`,
    // A slot starts there: nothing to do.
    append: async (client) =>
      at % SLOT_SECONDS === 0
        ? 'unchanged'
        : addSlotSplit(client, database, { provider, model, at, author, reason, atMs: systemClock.now() }),
  }
}

const cutOf = (options: CutOptions): Cut => {
  const { edge, slotEdge } = options
  if (edge !== undefined && slotEdge === undefined) return edgeOf({ ...options, edge })
  if (edge === undefined && slotEdge !== undefined) return slotEdgeOf({ ...options, slotEdge })
  throw new OutlayError('E_PRICE_QUOTE', '--edge and --slot-edge are two cuts', { fix: 'give one of them at a time' })
}

/** Appends an edge or a slot edge and waits until every call stands behind it. Answers the exit code. */
export const addCut = async (context: CommandContext, options: CutOptions): Promise<number> => {
  const { database, json } = options
  const { text, append } = cutOf(options)
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
