/**
 * A collector in a process of its own, so that a test can kill it. Prints its URL and that of its metrics, then runs until SIGTERM; mistakes of ours
 * go to stderr.
 */
import { connect } from '@outlay/clickhouse'
import { type CollectorEvent, startCollector } from '@outlay/collector'
import { loadPackagedBook } from '@outlay/pricing'
import type { CollectorProcessSettings } from './collector-child.ts'

const {
  url,
  username,
  password,
  database,
  walDirectory,
  settling,
  wal = {},
} = JSON.parse(process.argv[2] ?? '{}') as CollectorProcessSettings
const MISTAKES: ReadonlySet<CollectorEvent['type']> = new Set(['failed', 'request_failed', 'row_quarantined'])
const client = connect({ url, username, password, database: 'default' })
const collector = await startCollector({
  client,
  database,
  walDirectory,
  wal,
  book: loadPackagedBook(),
  http: { host: '127.0.0.1', port: 0 },
  admin: { host: '127.0.0.1', port: 0 },
  ...settling,
  onEvent: (event) => {
    if (!MISTAKES.has(event.type)) return
    const error = 'error' in event && event.error instanceof Error ? event.error.stack : ''
    process.stderr.write(`collector: ${JSON.stringify(event)} ${error}\n`)
  },
})
process.stdout.write(`${collector.url} ${collector.adminUrl}\n`)
process.once('SIGTERM', () => {
  void collector
    .close()
    .then(() => client.close())
    .then(() => process.exit(0))
})
