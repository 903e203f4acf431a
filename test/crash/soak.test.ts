import { randomInt } from 'node:crypto'
import { expect, test } from 'vitest'
import { runSoak } from '../soak/soak.ts'

/** A slice: `npm run test:soak -- --minutes <n>` goes on for longer. */
const SOAK_SECONDS = 120
const RECOVERY_SECONDS = 240

test(
  'two minutes of load and faults loses nothing and counts nothing twice',
  async () => {
    const seed = randomInt(1_000_000)
    const { differences, acked, faults, noDiskBecause } = await runSoak({
      milliseconds: SOAK_SECONDS * 1_000,
      seed,
      say: () => undefined,
    })
    if (noDiskBecause !== '') process.stdout.write(`the disk was never full: ${noDiskBecause}\n`)
    expect({ seed, differences }).toEqual({ seed, differences: [] })
    expect(acked).toBeGreaterThan(0)
    expect(Object.keys(faults).length).toBeGreaterThan(1)
  },
  (SOAK_SECONDS + RECOVERY_SECONDS) * 1_000,
)
