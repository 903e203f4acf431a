/** The engine of `cluster-engine.ts` in a process of its own: a line of JSON is a statement, a line of JSON its answer. */
import { createInterface } from 'node:readline'
import { loadAddon } from '../../packages/embedded-clickhouse/src/child/addon.ts'

const [path = '', config = ''] = process.argv.slice(2)
const addon = loadAddon()
const handle = addon.CreateConnection(path, [`--config-file=${config}`])

// Analysis of statements is nearly all there is to do.
await addon.QueryAsyncConnection(handle, 'SET max_threads = 1', 'Null')

const answerTo = async (statements: readonly string[]): Promise<object> => {
  try {
    let text = ''
    for (const statement of statements) {
      text = (await addon.QueryAsyncConnection(handle, statement, 'JSONCompactEachRow')).bytes.toString('utf8')
    }
    return { lines: text.split('\n').filter((line) => line !== '') }
  } catch (error) {
    return { error: String(error) }
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answerTo(JSON.parse(line) as readonly string[]))}\n`)
}
