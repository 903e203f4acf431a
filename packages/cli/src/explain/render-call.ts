/** `outlay explain call` for people: the figure first, then what it is made of, down to the attributes that were read. */
import { displayUsd, parseUsd } from '@outlay/core'
import { formatInstant, OPEN_END } from '@outlay/pricing'
import Table from 'cli-table3'
import type { ExplainedCall } from './explain-call.ts'
import type { ReadAttribute } from './explain-rule.ts'
import type { ExplainedSpan, Rederivation } from './explain-trace.ts'
import type { PricedEntry } from './priced-entry.ts'

const OPEN = formatInstant(OPEN_END)
const SPANS_SHOWN_MAX = 40
/** Rules without a beginning. */
const BEGINNING = '1970-01-01'
const VALUE_CHARACTERS_MAX = 160

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const drawn = new Table({ head: [...head], style: { head: [], border: [] } })
  for (const row of rows) drawn.push([...row])
  return drawn.toString()
}

const section = (title: string, ...lines: readonly string[]): readonly string[] => ['', title, ...lines]

const indented = (facts: Readonly<Record<string, unknown>>): string[] => {
  const shown = Object.entries(facts).filter(([, value]) => value !== '' && value !== null)
  const width = shown.reduce((most, [name]) => Math.max(most, name.length), 0)
  return shown.map(([name, value]) => `  ${name.padEnd(width)}  ${String(value)}`)
}

/** Exact, with the rounded figure only where that says less. */
export const exactUsd = (usd: string): string => {
  const shown = displayUsd(parseUsd(usd))
  const isExact = parseUsd(shown.replaceAll(/[$,]/g, '')) === parseUsd(usd)
  return isExact ? shown : usd.startsWith('-') ? `-$${usd.slice(1)}` : `$${usd}`
}

export const costText = ({ cost_usd, status, priced_subtotal_usd }: Omit<PricedEntry, 'by_book' | 'agree'>): string => {
  if (cost_usd !== null) return exactUsd(cost_usd)
  return status === 'partial'
    ? `not priced (partial; ${exactUsd(priced_subtotal_usd)} of it is)`
    : `not priced (${status})`
}

type Entry = ExplainedCall['entries'][number]

const entryLines = (entries: readonly Entry[]): readonly string[] =>
  section(
    'Entries',
    table(
      ['part', 'seq', 'sign', 'reason', 'posted', 'cost', ''],
      entries.map(({ part, seq, sign, reason, posted_at, price, stands }) => [
        part,
        String(seq),
        sign > 0 ? '+1' : '-1',
        reason,
        posted_at,
        costText(price),
        stands ? 'stands' : sign > 0 ? 'reversed' : 'reversal',
      ]),
    ),
  )

const refusalLines = ({ refusals }: ExplainedCall): readonly string[] =>
  refusals.length === 0
    ? []
    : section(
        'Quarantine',
        ...refusals.map(
          ({ part, seq, sign, reason, missing, posted_at, meters, stands }) =>
            `  ${part} ${sign > 0 ? `refused${stands ? '' : ', released later'}` : 'released'} (${seq}) ${posted_at}: ${reason}${missing.length > 0 ? `, no ${missing.join(', ')}` : ''}; ${JSON.stringify(meters)}`,
        ),
      )

const priceLines = ({ part, price: { by_book: price, agree, cost_usd, status }, meters }: Entry): readonly string[] => {
  const { resolved, lines, missing, reason, currency } = price
  const place = [resolved.provider, resolved.model, resolved.region || 'global', resolved.tier].join(' · ')
  const band = `band ${resolved.band ?? '–'} (prompt band ${resolved.prompt_band})`
  const priced = lines.map((line) => [
    line.meter,
    String(line.quantity),
    `${line.price} ${currency} / ${line.per}`,
    line.cost_usd === null ? `in ${currency}` : exactUsd(line.cost_usd),
    `${line.valid_from} to ${line.valid_to === OPEN ? 'open' : line.valid_to}`,
    [line.card === 'list' ? '' : line.card, line.source, line.derived_from].filter(Boolean).join(', '),
  ])
  const unpriced = missing.map((meter) => [meter, String(meters[meter] ?? 0), 'not priced', '', '', ''])
  const used = [...priced, ...unpriced]
  return section(
    `Price${part === 'main' ? '' : ` of ${part}`}: ${place} · ${band} · slot ${resolved.slot} · book ${price.book}`,
    ...(used.length === 0
      ? [`  nothing to price: ${price.status}`]
      : [table(['meter', 'quantity', 'price', 'cost', 'holds', 'from'], used)]),
    ...(reason === null ? [] : [`  ${reason}`]),
    ...(currency === 'USD' ? [] : [`  A sheet in ${currency}: dollar views show it as not priced.`]),
    agree
      ? '  The book and the SQL view agree.'
      : `  THE SQL VIEW SAYS SOMETHING ELSE: ${cost_usd === null ? status : exactUsd(cost_usd)} instead of ${price.cost_usd === null ? price.status : exactUsd(price.cost_usd)}. Prices are compiled when a collector runs; if one does, please report this.`,
  )
}

const factLines = (entry: Entry): readonly string[] => [
  ...section('What it says', ...indented({ ...entry.meters })),
  ...indented({
    input_total: entry.input_total,
    output_total: entry.output_total,
    usage: `${entry.usage_status}, ${entry.inclusion}, cache split ${entry.cache_split}, billed as ${entry.billable_reason}`,
    reported_cost:
      entry.reported_cost && `${entry.reported_cost.usd} USD (${entry.reported_cost.source}), evidence only`,
    response_id: entry.response_id,
    intended_model: entry.intended_model,
    overage: [entry.overage.pattern, entry.overage.action].filter(Boolean).join(' '),
  }),
  ...section('Selectors', ...indented(entry.selectors)),
  ...section('Attribution', ...indented(entry.attribution)),
]

const validityText = ({ from, to }: { readonly from: string; readonly to: string | null }): string => {
  const since = from === BEGINNING ? '' : `, for spans from ${from}`
  return to === null ? since : `${since || ', for spans'} before ${to}`
}

const ruleLines = ({ rule, flags }: ExplainedCall): readonly string[] => {
  const named = Object.entries(flags).map(([flag, meaning]) => `  ${flag}: ${meaning}`)
  const flagged = named.length === 0 ? [] : section('Flags', ...named)
  if (rule === null) return flagged
  if (rule.valid === null) {
    const now = rule.now === null ? 'and has no other of that name' : `but ${rule.now}`
    return [...section(`Rule ${rule.rule}: the table of this version does not have it, ${now}.`), ...flagged]
  }
  return [
    ...section(
      `Rule ${rule.rule}${validityText(rule.valid)}`,
      ...rule.matches.map((match) => `  reads ${match.replaceAll('`', '')}`),
      ...rule.meaning.map((meaning) => `  ${meaning}`),
      ...rule.overrides.map((override) => `  ${override.replaceAll('`', '')}`),
      `  evidence: ${rule.evidence}`,
    ),
    ...flagged,
  ]
}

const shortened = (value: string): string =>
  value.length > VALUE_CHARACTERS_MAX ? `${value.slice(0, VALUE_CHARACTERS_MAX)}… (--json has all)` : value

const readText = ({ on, key, value, as }: ReadAttribute): string =>
  `  ${on === 'resource' ? 'resource ' : ''}${key} = ${shortened(String(value))}  → ${as.join(', ')}`

const evidenceLines = ({ evidence }: ExplainedCall): readonly string[] => {
  if (evidence === null) return section('Evidence: none is stored any more.')
  const { name, scope, start, end, received_at, stored, read, inherited } = evidence
  return section(
    `Evidence: span "${name}" of ${scope.name || '(no scope)'} ${scope.version}`.trimEnd(),
    `  ${start} to ${end}, received ${received_at}${stored > 1 ? `, stored ${stored} times` : ''}`,
    ...read.map(readText),
    ...inherited.map((each) => `${readText(each)}, from span ${each.span_id}`),
  )
}

const becomesText = ({ disposition, covered_by, calls_below }: ExplainedSpan): string => {
  if (covered_by !== null) return `${disposition} by ${covered_by}`
  return disposition === 'covered' && calls_below > 0 ? `covered by ${calls_below} calls below` : disposition
}

/** How deep a span hangs below spans that are here. */
const depthsOf = (spans: readonly ExplainedSpan[]): ReadonlyMap<string, number> => {
  const parents = new Map(spans.map(({ span_id, parent_span_id }) => [span_id, parent_span_id]))
  const depthOf = (id: string): number => {
    let depth = 0
    for (let up = parents.get(id); up && parents.has(up) && depth < SPANS_SHOWN_MAX; up = parents.get(up)) depth += 1
    return depth
  }
  return new Map(spans.map(({ span_id }) => [span_id, depthOf(span_id)]))
}

const traceLines = ({ trace, span }: ExplainedCall): readonly string[] => {
  if (trace.length === 0) return []
  const shown = trace.slice(0, SPANS_SHOWN_MAX)
  const depths = depthsOf(shown)
  const more = trace.length - shown.length
  const lines = shown.map((each) => [
    each.span_id === span.span_id ? '→' : '',
    `${'  '.repeat(depths.get(each.span_id) ?? 0)}${each.name}`,
    each.span_id,
    becomesText(each),
    Object.entries(each.meters)
      .map(([meter, quantity]) => `${meter} ${quantity}`)
      .join(', '),
  ])
  return section(
    `Trace ${span.trace_id}: ${trace.length} span(s)`,
    table(['', 'name', 'span', 'becomes', 'reported'], lines),
    ...(more > 0 ? [`  … and ${more} more; --json has all`] : []),
  )
}

const correctionText = ({ span_id, part, what, changed }: Rederivation['corrections'][number]): string => {
  const differs = changed.map(({ column, stored, derived }) => `${column} ${stored} → ${derived}`).join(', ')
  return `  ${what} ${span_id} ${part}${differs === '' ? '' : `: ${differs}`}`
}

const rederivedLines = ({ rederived }: ExplainedCall): readonly string[] => {
  const { evidence, agrees, pending, corrections } = rederived
  if (evidence === 'gone') return section('Derived again: not possible, the evidence is gone.')
  if (agrees) return section('Derived again from the stored evidence: the ledger of this trace says the same.')
  const title = pending
    ? 'Derived again: evidence arrived after the last posting; settlement will post'
    : 'DERIVED AGAIN THE LEDGER OF THIS TRACE WOULD SAY SOMETHING ELSE:'
  return section(title, ...corrections.map(correctionText))
}

const headline = ({ entries, disposition, book, span, refusals }: ExplainedCall): readonly string[] => {
  const open = entries.filter(({ stands }) => stands)
  const [first] = open
  const what = first?.selectors['response_model'] ?? first?.selectors['request_model'] ?? refusals[0]?.model ?? ''
  const figures = open.map(({ part, price }) => `${part === 'main' ? '' : `${part} `}${costText(price)}`)
  return [
    `${disposition}${figures.length === 0 ? '' : `: ${figures.join(' + ')}`}${what === '' ? '' : ` · ${what}`}${first === undefined ? '' : ` · ${first.time}`}`,
    `span ${span.span_id} of trace ${span.trace_id} (${span.authority}) · book ${book.name}, revision ${book.revision}`,
  ]
}

export const renderCall = (call: ExplainedCall): string => {
  const charges = call.entries.filter(({ sign }) => sign > 0)
  const open = charges.filter(({ stands }) => stands)
  const last = charges.at(-1)
  const told = open.length > 0 ? open : last === undefined ? [] : [last]
  return [
    ...headline(call),
    ...(call.entries.length === 0 ? [] : entryLines(call.entries)),
    ...refusalLines(call),
    ...told.flatMap(priceLines),
    ...told.slice(0, 1).flatMap(factLines),
    ...ruleLines(call),
    ...evidenceLines(call),
    ...traceLines(call),
    ...rederivedLines(call),
  ].join('\n')
}
