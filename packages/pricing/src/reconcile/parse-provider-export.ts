/** Saved exports of one provider, several files, JSON or CSV, into one checked value (spec: pricing §15). */
import { OutlayError } from '@outlay/core'
import { readAnthropicCsv } from '#src/reconcile/anthropic-console.ts'
import { readAnthropicJson } from '#src/reconcile/anthropic-export.ts'
import { parseCsvTable } from '#src/reconcile/csv-table.ts'
import { parseExactJson } from '#src/reconcile/exact-json.ts'
import { createFindings, ExportError } from '#src/reconcile/export-findings.ts'
import { readOpenAiCsv, readOpenAiJson } from '#src/reconcile/openai-export.ts'
import type { ExportBuilder, ProviderExport, ReconcileProvider } from '#src/reconcile/provider-export.ts'
import type { ReadContext } from '#src/reconcile/read-context.ts'
import { createOverlapCheck, type OpenEnds, refuseOpenEnds, savedBuckets } from '#src/reconcile/saved-pages.ts'

/** A saved export: its name for messages, and its text. */
export interface ExportFile {
  readonly name: string
  readonly text: string
}

const READERS = {
  openai: { json: readOpenAiJson, csv: readOpenAiCsv },
  anthropic: { json: readAnthropicJson, csv: readAnthropicCsv },
} as const

interface PageContext extends ReadContext {
  readonly ends: OpenEnds
}

const readFile = (provider: ReconcileProvider, { name, text }: ExportFile, context: PageContext): void => {
  const { findings, ends } = context
  if (!/^\s*[[{]/.test(text.replace(/^\uFEFF/, ''))) {
    const table = parseCsvTable(text)
    for (const { line, what } of table.faults) findings.problem({ file: name, path: `line ${line}` }, what)
    if (table.faults.length === 0) READERS[provider].csv(context, name, table)
    return
  }
  let json: unknown
  try {
    json = parseExactJson(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    if (error instanceof OutlayError) throw error
    // The engine's message would quote the file.
    findings.problem({ file: name, path: '' }, 'not JSON', 'save the answer of the API as it is')
    return
  }
  READERS[provider].json(context, savedBuckets(json, { file: name, ends, findings }))
}

/**
 * Reads the provider's usage and money from saved exports; usage and money come from different endpoints, so there are
 * usually several files. Unknown keys are ignored and listed in `notes`. Fails with `ExportError` (`E_PROVIDER_EXPORT`), which
 * holds every problem of every file with its path; nothing is returned half-read.
 */
export const parseProviderExport = (provider: ReconcileProvider, files: readonly ExportFile[]): ProviderExport => {
  const findings = createFindings()
  const builder: ExportBuilder = { usage: [], costs: [], usageDays: new Map(), costDays: new Set() }
  const context = { builder, findings, overlap: createOverlapCheck(findings), ends: new Map() }
  for (const file of files) readFile(provider, file, context)
  refuseOpenEnds(context.ends, findings)
  if (findings.problems.length === 0 && builder.usageDays.size === 0 && builder.costDays.size === 0) {
    findings.problem(
      { file: files.map(({ name }) => name).join(', '), path: '' },
      'no usage and no cost in it',
      'export at least one day',
    )
  }
  if (findings.problems.length > 0) throw new ExportError(findings.problems)
  return { provider, ...builder, notes: findings.notes() }
}
