/** Compiles every overlay into the committed `price-rows.json`. Run it after each change to `overlay/`. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { compilePriceBook, encodePackagedBook } from '#src/index.ts'

const overlay = new URL('../overlay/', import.meta.url)
const sources = readdirSync(overlay)
  .filter((file) => file.endsWith('.yaml'))
  .toSorted()
  .map((file) => ({ file: `overlay/${file}`, text: readFileSync(new URL(file, overlay), 'utf8') }))
writeFileSync(new URL('../price-rows.json', import.meta.url), encodePackagedBook(compilePriceBook(sources)))
