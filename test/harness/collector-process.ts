/** A collector in a process of its own, so that a test can kill it. Prints its URL, then runs until SIGTERM. */
import { connect } from '@outlay/clickhouse'
import { startCollector } from '@outlay/collector'
import { loadPackagedBook } from '@outlay/pricing'
import { QUICK } from './quick-settlement.ts'

const { url, username, password, database, walDirectory } = JSON.parse(process.argv[2] ?? '{}') as Record<
  string,
  string
>
const client = connect({ url: url ?? '', username: username ?? '', password: password ?? '', database: 'default' })
const collector = await startCollector({
  client,
  database: database ?? '',
  walDirectory: walDirectory ?? '',
  book: loadPackagedBook(),
  http: { host: '127.0.0.1', port: 0 },
  ...QUICK,
})
process.stdout.write(`${collector.url}\n`)
process.once('SIGTERM', () => {
  void collector
    .close()
    .then(() => client.close())
    .then(() => process.exit(0))
})
