/** The receiving side alone: servers, stripping and the fsynced log, without workers and engine. Started by `main.ts`. */
import {
  createOtlpGrpcServer,
  createOtlpHttpServer,
  openReception,
} from '../../../packages/collector/src/otlp/index.ts'
import { openWal } from '../../../packages/collector/src/wal/index.ts'
import { answerQuestions } from './child.ts'
import type { ReceiverQuestion, StoredInLog, Usage } from './messages.ts'

const wal = await openWal({ directory: process.argv[2] ?? '' })
const reception = await openReception({
  wal,
  onInternalError: (error) => {
    throw error
  },
})
const anyPort = { host: '127.0.0.1', port: 0 }
const http = createOtlpHttpServer(reception)
const grpc = createOtlpGrpcServer(reception)
const urlOf = ({ port }: { readonly port: number }): string => `http://127.0.0.1:${port}`
const hello = { http: urlOf(await http.listen(anyPort)), grpc: urlOf(await grpc.listen(anyPort)) }

const MICROSECONDS_PER_MS = 1_000
const MIB = 1024 ** 2

const usage = (): Usage => {
  const { user, system } = process.cpuUsage()
  return { cpuMs: (user + system) / MICROSECONDS_PER_MS, rssMib: process.memoryUsage.rss() / MIB }
}

/** What the log says it holds, read from its files. */
const stored = async (): Promise<StoredInLog> => {
  let [records, spans] = [0, 0]
  await wal.scanHeaders({}, ({ spanCount }) => {
    records += 1
    spans += spanCount
  })
  return { records, spans, bytes: wal.stats().logBytes }
}

answerQuestions(async ({ ask }: ReceiverQuestion) => {
  if (ask === 'usage') return usage()
  if (ask === 'stored') return stored()
  await http.close()
  await grpc.close()
  await wal.close()
  return undefined
}, hello)
