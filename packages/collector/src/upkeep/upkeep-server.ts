/** Upkeep of a ledger by the collector that writes it: one job per request, answered line by line while it runs. */
import { once } from 'node:events'
import { chmod } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { OutlayError } from '@outlay/core'
import type { LedgerKeeper } from './ledger-keeper.ts'
import { runUpkeepJob } from './run-upkeep-job.ts'
import { type UpkeepLine, upkeepJobSchema } from './upkeep-job.ts'
import { prepareSocket, removeSocket } from './upkeep-socket.ts'

export interface UpkeepServer {
  close(): Promise<void>
}

const JOB_BYTES_MAX = 64 * 1024

const readJob = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length
    if (bytes > JOB_BYTES_MAX) throw new Error('a job is small')
    chunks.push(chunk as Buffer)
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown
}

const failureOf = (error: unknown): UpkeepLine => ({
  failure: {
    code: error instanceof OutlayError ? error.code : '',
    message: error instanceof Error ? error.message : String(error),
  },
})

const answer = async (keeper: LedgerKeeper, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const say = (line: UpkeepLine): void => void response.write(`${JSON.stringify(line)}\n`)
  response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  response.flushHeaders()
  try {
    const job = upkeepJobSchema.parse(await readJob(request))
    say({ result: await runUpkeepJob(keeper, job, (progress) => say({ progress })) })
  } catch (error) {
    say(failureOf(error))
  }
  response.end()
}

/** A job goes on when its asker goes away: what it has begun is whole, and asking again finds what is left. */
export const startUpkeepServer = async (keeper: LedgerKeeper): Promise<UpkeepServer> => {
  const { directory } = keeper.wal
  const running = new Set<Promise<void>>()
  const server = createServer((request, response) => {
    const work = answer(keeper, request, response).finally(() => running.delete(work))
    running.add(work)
  })
  const path = await prepareSocket(directory)
  server.listen(path)
  await once(server, 'listening')
  await chmod(path, 0o600)
  return {
    close: async () => {
      server.close()
      await Promise.allSettled(running)
      server.closeAllConnections()
      await removeSocket(directory, path)
    },
  }
}
