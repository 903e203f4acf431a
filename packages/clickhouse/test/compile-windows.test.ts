import {
  type CompiledBook,
  emptyRecordedBook,
  loadPackagedBook,
  parseWhatIf,
  priceUsage,
  recordRevision,
  type RecordedBook,
  type SkuParts,
  withContract,
} from '@outlay/pricing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createWindowCompiler, type Sku } from '../src/prices/compile-windows.ts'
import { bookNamed, booksOf, type BookSources, scopedBooks } from '../src/prices/stored-books.ts'

/** Of one provider: the skus below have no other, and every compiler that starts anew compiles the whole book. */
const packaged = ((): CompiledBook => {
  const book = loadPackagedBook()
  const isWanted = ({ provider }: { readonly provider: string }): boolean => provider === 'openai'
  return {
    ...book,
    rows: book.rows.filter(isWanted),
    names: book.names.filter(isWanted),
    bands: book.bands.filter(isWanted),
  }
})()
const CONTRACT = {
  card: 'tenant:acme',
  file: 'acme.yaml',
  text: `format: outlay-prices/1
edition: "2026-11-21"
currency: USD
card: "tenant:acme"
sources: {signed: {url: "https://example.test/contract", checked_at: "2026-10-01"}}
rules: [{discount: "0.12", models: [openai/gpt-5, openai/gpt-4o], src: signed, grade: A}]
`,
}

const history = ((): RecordedBook => {
  const first = recordRevision(emptyRecordedBook(packaged), packaged, 1)
  const { book, local } = withContract(first, 1, CONTRACT)
  return recordRevision(first, book, 2, local)
})()

const SOURCES: BookSources = {
  recorded: history,
  revisions: [1, 2].map((revision) => ({ revision, kind: 'contract', appliedAtMs: revision })),
  staged: undefined,
  whatIfs: [
    {
      name: 'cheap',
      base: 'current',
      definition: parseWhatIf({ cells: [{ where: { model: 'gpt-4o', meter: 'input' }, to: { times: '0.5' } }] }),
    },
  ],
}

const anyParts: fc.Arbitrary<SkuParts> = fc.record({
  provider: fc.constant('openai'),
  model: fc.constantFrom('gpt-5', 'gpt-6.1-sol', 'gpt-4o', 'gpt-4o-2024-08-06', 'no-such-model'),
  region: fc.constantFrom('', 'eu'),
  tier: fc.constantFrom('standard', 'batch', 'priority', 'flex', 'fast'),
  promptBand: fc.nat(10),
})

const at = (iso: string): number => Date.parse(iso) / 1_000
const slots = fc.integer({ min: at('2024-01-01') / 1_800, max: at('2027-06-01') / 1_800 }).map((slot) => slot * 1_800)
const METERS = ['input', 'output', 'cache_read'] as const

/** Equal parts, equal id, over all runs. */
const ids = new Map<string, bigint>()
const idOf = (parts: SkuParts): bigint => {
  const key = JSON.stringify(parts)
  const id = ids.get(key) ?? BigInt(ids.size + 1)
  ids.set(key, id)
  return id
}

describe('compiled windows', () => {
  const flattened = new Map(
    ['current', 'r1', 'r2', 'cheap'].flatMap((name) =>
      scopedBooks(bookNamed(booksOf(SOURCES), name)).map((scope) => [scope.name, scope.book] as const),
    ),
  )

  test('price every sku as the resolver does, in every book and scope, whichever skus were compiled before or along', () => {
    const compiler = createWindowCompiler()
    fc.assert(
      fc.property(
        fc.uniqueArray(anyParts, { minLength: 1, maxLength: 6, selector: (parts) => JSON.stringify(parts) }),
        slots,
        (parts, slot) => {
          const fresh = createWindowCompiler()
          const named = parts.map((part): Sku => ({ ...part, sku: idOf(part) }))
          const { rows } = compiler.compile(SOURCES, named)
          expect(fresh.compile(SOURCES, named).rows).toEqual(rows)
          for (const sku of named) {
            for (const [name, book] of flattened) {
              const row = rows.find(
                (candidate) =>
                  candidate.book === name &&
                  candidate.sku === sku.sku &&
                  candidate.window_from <= slot &&
                  slot < candidate.window_to,
              )
              const usage = Object.fromEntries(METERS.map((meter) => [meter, 1]))
              const priced = priceUsage(book, { parts: sku, slot, usage })
              const expected = METERS.map(
                (meter) => priced.lines.find((line) => line.meter === meter)?.costFemto ?? null,
              )
              expect([name, sku, METERS.map((meter) => row?.[`f_${meter}`])]).toEqual([name, sku, expected])
            }
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  test('are refused as a whole where a book that prices calls cannot be put together; a what-if book is only left out', () => {
    const unreadable = { ...CONTRACT, text: 'card: [' }
    const contracts = history.contracts.map((entry) => ({ ...entry, fact: unreadable }))
    const compiler = createWindowCompiler()
    expect(() => compiler.compile({ ...SOURCES, recorded: { ...history, contracts } }, [])).toThrow(/acme.yaml/)
    const definition = parseWhatIf({ cells: [{ where: { model: 'no-such' }, to: { times: '2' } }] })
    const { broken } = compiler.compile({ ...SOURCES, whatIfs: [{ name: 'gone', base: 'current', definition }] }, [])
    expect(broken).toEqual([{ name: 'gone', error: expect.objectContaining({ code: 'E_WHAT_IF' }) }])
  })

  test('name the book of each tenant that has one', () => {
    const { rows } = createWindowCompiler().compile(SOURCES, [])
    expect(rows.map(({ book, tenant, scoped_book }) => [book, tenant, scoped_book])).toEqual([
      ['current', 'acme', 'current@tenant:acme'],
      ['r2', 'acme', 'r2@tenant:acme'],
      ['cheap', 'acme', 'cheap@tenant:acme'],
    ])
  })
})
