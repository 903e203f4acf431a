/** What every reader of exports writes to. */
import type { Findings } from '#src/reconcile/export-findings.ts'
import type { ExportBuilder } from '#src/reconcile/provider-export.ts'
import type { OverlapCheck } from '#src/reconcile/saved-pages.ts'

export interface ReadContext {
  readonly builder: ExportBuilder
  readonly findings: Findings
  readonly overlap: OverlapCheck
}
