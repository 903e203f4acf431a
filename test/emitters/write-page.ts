/** Part of `npm run generate`: writes `docs/reference/emitters.md`. */
import { writeFileSync } from 'node:fs'
import { buildEmittersPage } from './emitters-page.ts'

writeFileSync(new URL('../../docs/reference/emitters.md', import.meta.url), buildEmittersPage())
