import { appendFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Wal } from '#src/wal/index.ts'
import { appendText, crashCopy, openTestWal, TemporaryDirectory } from './wal-fixture.ts'

/** What a log must look like from outside, kept in plain arrays. */
interface Model {
  readonly texts: string[]
  cursor: number
  epoch: bigint
  readonly sealed: string[]
}

interface Real {
  directory: TemporaryDirectory
  wal: Wal
}

type Step =
  | { readonly kind: 'append'; readonly sizes: readonly number[] }
  | { readonly kind: 'read'; readonly from: number; readonly recordsMax: number; readonly bytesMax: number }
  | { readonly kind: 'advance'; readonly by: number }
  | { readonly kind: 'seal' }
  | { readonly kind: 'unseal' }
  | { readonly kind: 'restart' }
  | { readonly kind: 'crash'; readonly tornTail: Uint8Array }

const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('append' as const),
        sizes: fc.array(fc.nat(1_500), { minLength: 1, maxLength: 6 }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('read' as const),
        from: fc.nat(60),
        recordsMax: fc.integer({ min: 1, max: 9 }),
        bytesMax: fc.nat(5_000),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('advance' as const), by: fc.nat(5) }) },
    fc.constant({ kind: 'seal' as const }),
    fc.constant({ kind: 'unseal' as const }),
    fc.constant({ kind: 'restart' as const }),
    fc.record({ kind: fc.constant('crash' as const), tornTail: fc.uint8Array({ maxLength: 120 }) }),
  ),
  { maxLength: 25 },
)

const textAt = (index: number, size: number): string => `${index}:`.padEnd(size, '.')

const readAndCompare = async (model: Model, { wal }: Real, step: Extract<Step, { kind: 'read' }>): Promise<void> => {
  const records = await wal.read(BigInt(step.from), { recordsMax: step.recordsMax, bytesMax: step.bytesMax })
  const first = Math.max(step.from, 1)
  expect(records.length).toBeLessThanOrEqual(step.recordsMax)
  // Segments that every consumer has passed may be gone; nothing else may be.
  const start = Number(records[0]?.lsn ?? 0n)
  if (first > model.cursor && first <= model.texts.length) expect(start).toBe(first)
  for (const [index, { lsn, body }] of records.entries()) {
    expect(Number(lsn)).toBe(start + index)
    expect(body.toString()).toBe(model.texts[Number(lsn) - 1])
  }
  const bytes = records.reduce((sum, { body }) => sum + body.length, 0)
  expect(records.length <= 1 || bytes <= step.bytesMax).toBe(true)
}

const reopen = async (model: Model, real: Real, path: string): Promise<void> => {
  real.wal = await openTestWal(path, { retainAfterAckMs: 0 })
  real.wal.registerConsumers(['evidence'])
  expect(real.wal.epoch).toBeGreaterThan(model.epoch)
  model.epoch = real.wal.epoch
  expect(real.wal.recovery).toMatchObject({ lostRecords: 0n, anomalies: [] })
}

const crash = async (model: Model, real: Real, tornTail: Uint8Array): Promise<void> => {
  const copy = await crashCopy(real.directory.path)
  await real.wal.close()
  await real.directory[Symbol.asyncDispose]()
  const last = (await readdir(copy.path))
    .filter((name) => name.endsWith('.seg'))
    .sort()
    .at(-1)
  if (last !== undefined) await appendFile(join(copy.path, last), tornTail)
  real.directory = copy
  await reopen(model, real, copy.path)
}

const run = async (model: Model, real: Real, step: Step): Promise<void> => {
  switch (step.kind) {
    case 'append': {
      const texts = step.sizes.map((size, index) => textAt(model.texts.length + index, size))
      const lsns = await Promise.all(texts.map((text) => appendText(real.wal, text)))
      expect(lsns).toEqual(texts.map((_, index) => BigInt(model.texts.length + index + 1)))
      model.texts.push(...texts)
      return
    }
    case 'read':
      return readAndCompare(model, real, step)
    case 'advance':
      model.cursor = Math.min(model.cursor + step.by, model.texts.length)
      return real.wal.advanceCursor('evidence', BigInt(model.cursor))
    case 'seal': {
      const name = `unit-${model.epoch}-${model.texts.length}-${model.sealed.length}`
      if (model.sealed.includes(name)) return
      await real.wal.seal(name, Buffer.from(name), { name })
      model.sealed.push(name)
      return
    }
    case 'unseal': {
      const oldest = model.sealed.shift()
      return oldest === undefined ? undefined : real.wal.removeSealed(oldest)
    }
    case 'restart':
      await real.wal.close()
      return reopen(model, real, real.directory.path)
    case 'crash':
      return crash(model, real, step.tornTail)
  }
}

describe('any history of appends, reads, cursors, seals, restarts and crashes', () => {
  test('shows exactly what was acked, in order, and keeps cursors and sealed units', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        const directory = await TemporaryDirectory.create()
        const model: Model = { texts: [], cursor: 0, epoch: 0n, sealed: [] }
        const real: Real = { directory, wal: await openTestWal(directory.path, { retainAfterAckMs: 0 }) }
        real.wal.registerConsumers(['evidence'])
        model.epoch = real.wal.epoch
        try {
          for (const step of history) {
            await run(model, real, step)
            expect(real.wal.durableLsn).toBe(BigInt(model.texts.length))
            expect(real.wal.cursor('evidence')).toBe(BigInt(model.cursor))
            expect((await real.wal.sealedUnits()).map(({ name }) => name)).toEqual(model.sealed)
          }
        } finally {
          await real.wal.close()
          await real.directory[Symbol.asyncDispose]()
        }
      }),
      { numRuns: 60 },
    )
  })
})
