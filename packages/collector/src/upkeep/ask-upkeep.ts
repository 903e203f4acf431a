/** A job for the collector that owns a log, over its socket. */
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { createInterface } from 'node:readline'
import { assert, OutlayError } from '@outlay/core'
import type { UpkeepAnswer, UpkeepJob, UpkeepLine } from './upkeep-job.ts'

/** Fails as the job fails; with `E_UPKEEP_LOST` where the collector goes away before it has answered. */
export const askUpkeep = async <Job extends UpkeepJob>(
  socketPath: string,
  job: Job,
  onProgress: (line: string) => void,
): Promise<UpkeepAnswer<Job>> => {
  for await (const line of linesOf(socketPath, job)) {
    if ('progress' in line) onProgress(line.progress)
    else if ('result' in line) return line.result as UpkeepAnswer<Job>
    else if (line.failure.code === '') throw new Error(line.failure.message)
    else throw new OutlayError(line.failure.code, line.failure.message)
  }
  throw lost()
}

const lost = (cause?: unknown): OutlayError =>
  new OutlayError('E_UPKEEP_LOST', 'the collector of this log went away before it answered', {
    fix: 'run the command again: what was done is whole, and the rest is found',
    cause,
  })

async function* linesOf(socketPath: string, job: UpkeepJob): AsyncGenerator<UpkeepLine> {
  try {
    const asking = request({ socketPath, method: 'POST', path: '/' })
    asking.end(JSON.stringify(job))
    const [response] = (await once(asking, 'response')) as [IncomingMessage]
    assert(response.statusCode === 200, 'a collector answers every job')
    for await (const text of createInterface({ input: response })) yield JSON.parse(text) as UpkeepLine
  } catch (error) {
    throw error instanceof OutlayError ? error : lost(error)
  }
}
