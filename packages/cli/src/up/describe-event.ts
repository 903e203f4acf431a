import type { CollectorEvent } from '@outlay/collector'

/** One line for the operator, or nothing for what is routine. */
export const describeEvent = (event: CollectorEvent): string | undefined => {
  switch (event.type) {
    case 'prices_loaded':
      return brokenBooks(event.load.broken)
    case 'prices_failed':
      return `prices: could not be refreshed, the old ones hold (${reasonOf(event.error)})`
    case 'writer_held':
      return `ledger: ${event.table} refuses inserts with code ${event.code}; the log keeps everything and tries again`
    case 'windows_missing':
      return `ledger: nothing is inserted, ${event.tables} would count a retry twice (no deduplication window); the log keeps everything`
    case 'unit_overdue':
      return `ledger: a unit for ${event.table} waited longer than its token is remembered; what the table has is counted before it is sent`
    case 'views_changed':
      return event.isHeld
        ? `ledger: views on ${event.table} became others while a unit was in doubt (${event.views}); it is held until they are as they were, because some tables would count it twice; the log keeps everything`
        : `ledger: tables behind ${event.table} were made anew while a unit was in doubt; ${event.table} has the unit, it is not sent again; \`outlay verify\` tells whether every sum has it`
    case 'row_quarantined':
      return `ledger: a row for ${event.table} was refused with code ${event.code} and put into quarantine`
    case 'record_quarantined':
      return `ledger: record ${event.lsn} cannot be read by this version (${event.problem}) and was put into quarantine`
    case 'recovered':
      return event.truncatedBytes > 0 || event.lostRecords > 0n
        ? `log: recovered; ${event.truncatedBytes} torn bytes cut, ${event.lostRecords} records lost`
        : undefined
    case 'rules_followed':
      return event.traces > 0
        ? `ledger: ${event.traces} traces were derived again with the rules of this version; ${event.corrections} entries posted`
        : undefined
    case 'database_unreachable':
      return `ledger: cannot be read just now (${reasonOf(event.error)}); the log takes everything and the read is repeated`
    case 'disk_full':
      return 'log: the disk is full; what is in the log waits, and new requests are refused until there is space'
    case 'tokens_reloaded':
      return `tokens: read again, ${event.tokens} hold now`
    case 'tokens_refused':
      return `tokens: those of before hold (${reasonOf(event.error)})`
    case 'tls_reloaded':
      return `${event.endpoint}: new connections get the new certificate`
    case 'tls_refused':
      return `${event.endpoint}: the certificate of before holds (${reasonOf(event.error)})`
    case 'mirror_held':
      return `mirror: the other backend takes nothing (${event.code}); its spans wait in the log`
    case 'mirror_skipped':
      return `mirror: ${event.records} records were left out, more waited than max_lag`
    case 'mirror_failed':
      return `mirror: interrupted by a mistake of ours (${reasonOf(event.error)}); the ledger goes on`
    case 'request_failed':
      return `collector: a request failed by a mistake of ours (${reasonOf(event.error)})`
    case 'upkeep_unavailable':
      return `collector: takes no upkeep while it runs (${reasonOf(event.error)}); \`outlay rebuild\` and \`outlay replay\` need it stopped`
    case 'failed':
      return `collector: stopped by an error of ours (${reasonOf(event.error)}); the log keeps everything`
  }
}

/** A what-if book that its base has outgrown prices nothing: said on every load until somebody drops it. */
const brokenBooks = (broken: readonly { readonly name: string; readonly error: unknown }[]): string | undefined =>
  broken.length === 0
    ? undefined
    : `prices: ${broken.map(({ name, error }) => `book ${name} prices nothing (${reasonOf(error)})`).join('; ')}`

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
