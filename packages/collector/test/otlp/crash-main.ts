/** A receiver in a process of its own that makes a mistake: in the middle of the second request that it takes. */
import { noReceiveMetrics } from '#src/otlp/index.ts'
import { startReceiver } from './receiver-fixture.ts'

let taken = 0
const receiver = await startReceiver({
  at: process.argv[2] ?? '',
  metrics: {
    ...noReceiveMetrics,
    spansReceived: () => {
      taken += 1
      if (taken > 1) throw new Error('a mistake of ours')
    },
  },
})
process.send?.(receiver.port)
