import { startEmbeddedClickHouse } from '#src/index.ts'

/** Started by a test as a process of its own: holds an engine until it is killed. */
const engine = await startEmbeddedClickHouse({ dataDir: process.argv[2] ?? '', port: 0 })
process.stdout.write(`${engine.url}\n`)
