/** The baseline: what a generated decoder takes for the same bytes, in a process of its own. Started by `main.ts`. */
import { decodeOnly } from '../../../packages/collector/test/otlp/otlp-schema.ts'
import { answerQuestions } from './child.ts'
import type { BaselineQuestion, Decoded } from './messages.ts'
import { templatesOf } from './requests.ts'

const bodies = new Map<string, readonly Buffer[]>()
const MICROSECONDS_PER_MS = 1_000

answerQuestions(({ sending, requests }: BaselineQuestion): Promise<Decoded> => {
  const known = bodies.get(sending.name) ?? templatesOf(sending).map(({ body }) => body)
  bodies.set(sending.name, known)
  const cpuBefore = process.cpuUsage()
  const startedMs = performance.now()
  for (let index = 0; index < requests; index += 1) {
    decodeOnly('ExportTraceServiceRequest', known[index % known.length] ?? Buffer.alloc(0))
  }
  const wallMs = performance.now() - startedMs
  const { user, system } = process.cpuUsage(cpuBefore)
  return Promise.resolve({
    spans: requests * sending.spansPerRequest,
    wallMs,
    cpuMs: (user + system) / MICROSECONDS_PER_MS,
  })
})
