/**
 * Writes `overlay/catalogue.yaml` from the pinned `@pydantic/genai-prices`. Prints what was corrected and what was left
 * out. Then run `scripts/compile.ts`.
 */
import { writeFileSync } from 'node:fs'
import { readPinnedCatalogue } from './pinned-catalogue.ts'

const { reading, text } = readPinnedCatalogue()
writeFileSync(new URL('../overlay/catalogue.yaml', import.meta.url), text)
const dropped = reading.dropped.map(({ provider, model, reason }) => `${provider}/${model}: ${reason}`)
process.stdout.write(`corrected\n  ${reading.corrected.join('\n  ')}\nleft out\n  ${dropped.join('\n  ')}\n`)
process.stdout.write(`${reading.models.length} models\n`)
