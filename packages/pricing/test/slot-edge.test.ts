import { describe, expect, test } from 'vitest'
import { modelNameOf, type SlotSplit, validateRows } from '#src/index.ts'
import { seedBook } from './books.ts'

const book = seedBook()
const at = Date.parse('2026-09-14T04:10:00Z') / 1_000
const row = book.rows.find(({ provider, model }) => provider === 'openai' && model === 'gpt-5')
const split = (model: string): SlotSplit => ({ provider: 'openai', model, at })

const problemsWith = (slotSplits: readonly SlotSplit[], more: readonly string[] = []) => {
  if (!row) throw new Error('BUG: the seed lists gpt-5')
  const name = book.names.find(({ provider, model }) => provider === 'openai' && model === 'gpt-5')
  if (!name) throw new Error('BUG: gpt-5 has a name')
  const names = [...book.names, ...more.map((raw) => ({ ...name, name: raw }))]
  return validateRows({ ...book, names, rows: [{ ...row, validFrom: at }], bands: [], slotSplits })
}

describe('a price that changes inside a slot', () => {
  test('is refused until calls of every raw name of its model are cut at that instant', () => {
    expect(problemsWith([])).toMatchObject([
      { code: 'E_OFF_SLOT', fix: "outlay prices add --slot-edge 'openai/gpt-5@2026-09-14T04:10:00Z'" },
    ])
    expect(problemsWith([split('gpt-5')], ['prod-chat'])).toMatchObject([
      { code: 'E_OFF_SLOT', fix: "outlay prices add --slot-edge 'openai/prod-chat@2026-09-14T04:10:00Z'" },
    ])
    expect(problemsWith([split('gpt-5'), split('prod-chat')], ['prod-chat'])).toEqual([])
  })

  test('is refused where the cut is a second away, or of another provider', () => {
    expect(problemsWith([{ ...split('gpt-5'), at: at + 1 }])).toHaveLength(1)
    expect(problemsWith([{ ...split('gpt-5'), provider: 'azure' }])).toHaveLength(1)
  })
})

test('a name that begins inside a slot needs its own cut', () => {
  const name = { card: 'list', provider: 'openai', model: 'gpt-5', name: 'prod-chat', region: '', validFrom: at }
  expect(() => modelNameOf({ ...book, slotSplits: [split('gpt-5')] }, name)).toThrow(/openai\/prod-chat@/)
  expect(modelNameOf({ ...book, slotSplits: [split('prod-chat')] }, name)).toMatchObject({ validFrom: at })
})
