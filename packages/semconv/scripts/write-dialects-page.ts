/** Part of `npm run generate`: writes `docs/reference/dialects.md`. */
import { writeFileSync } from 'node:fs'
import { buildDialectsPage } from './dialects-page.ts'

writeFileSync(new URL('../../../docs/reference/dialects.md', import.meta.url), buildDialectsPage())
