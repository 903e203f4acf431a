/** One emitter in a process of its own: emitters patch modules for the whole process. */
import { guardNetwork } from './network-guard.ts'

const refusedHosts = guardNetwork()

const { caseOf } = await import('../cases.ts')
const { emitterNamed } = await import('../emitters/index.ts')
const { laneName, taskOf } = await import('../lane-name.ts')
const { attributed } = await import('./attributed.ts')
const { startTracing } = await import('./tracing.ts')

const [, , emitterId = '', collectorUrl = '', providerUrl = ''] = process.argv
const emitter = emitterNamed(emitterId)
const setting = { collectorUrl, nowhereUrl: providerUrl }
const tracing = await startTracing(emitter, setting)
const programs = await emitter.start(setting)
const failures: string[] = []
for (const id of emitter.cases) {
  const url = `${providerUrl}/${laneName(emitterId, id)}`
  const lane = { url, openaiUrl: `${url}/v1`, anthropicV1Url: `${url}/v1`, model: caseOf(id).model }
  const program = programs[id]
  if (program === undefined) throw new Error(`${emitterId} has no program for ${id}`)
  try {
    await attributed(emitter.attributedBy, taskOf(emitterId, id), () => program(lane))
  } catch (error) {
    failures.push(`${id}: ${String(error)}`)
  }
}
await emitter.finish?.()
await tracing.flush()
process.send?.({ failures, refusedHosts }, () => process.exit(0))
