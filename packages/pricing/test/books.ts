/** Books for tests: the overlays of this package, and small ones written in the test. */
import { readdirSync, readFileSync } from 'node:fs'
import { type CompiledBook, compilePriceBook, PriceBookError, type PriceBookProblem } from '#src/index.ts'

const overlay = new URL('../overlay/', import.meta.url)

export const overlaySources = () =>
  readdirSync(overlay)
    .toSorted()
    .map((file) => ({ file: `overlay/${file}`, text: readFileSync(new URL(file, overlay), 'utf8') }))

const seed = { file: 'seed.yaml', text: readFileSync(new URL('seed.yaml', overlay), 'utf8') }

export const seedBook = (): CompiledBook => compilePriceBook([seed])

export const HEAD = `format: outlay-prices/1
edition: "2026-11-21"
currency: USD
band_edges: [0, 32000, 100000, 200000]
sources: {page: {url: "https://example.test/prices", checked_at: "2026-11-01"}}
providers: {acme_ai: acme, bedrock: aws}
tiers:
  acme: {standard: standard, default: standard, batch: batch, fast: fast}
  aws: {standard: standard}
  google: {standard: standard}
  openai: {standard: standard, batch: batch}
regions:
  acme: {"": "", us: us}
  aws: {"": "", global: "", geo: geo, regional: regional, gov: gov}
  google: {"": "", global: "", regional: regional}
  openai: {"": ""}
`

const SHEET = '{tier: standard, src: page, grade: A, cells: {input: "1", output: "2"}}'

/** A model `acme · one` with the given YAML lines instead of the usual ones. */
export const model = (parts: { sheets?: string[]; derive?: string[]; rest?: string } = {}): string => {
  const { sheets = [SHEET], derive = [], rest = 'names: {exact: [one]}' } = parts
  const lines = ['- provider: acme', '  model: one', `  ${rest}`, '  sheets:', ...sheets.map((sheet) => `  - ${sheet}`)]
  if (derive.length > 0) lines.push('  derive:', ...derive.map((rule) => `  - ${rule}`))
  return lines.join('\n')
}

export const source = (models: string, head = HEAD) => ({ file: 'book.yaml', text: `${head}models:\n${models}\n` })

export const compile = (models: string, head = HEAD): CompiledBook => compilePriceBook([source(models, head)])

/** The problems of sources that must be refused. */
export const problemsOf = (...sources: { file: string; text: string }[]): readonly PriceBookProblem[] => {
  try {
    compilePriceBook(sources)
  } catch (error) {
    if (error instanceof PriceBookError) return error.problems
    throw error
  }
  return []
}

/** Unix seconds. */
export const at = (text: string): number => Date.parse(text) / 1000
