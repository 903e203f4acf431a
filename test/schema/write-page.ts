/** Part of `npm run generate`: writes `docs/reference/schema.md`. */
import { writeFileSync } from 'node:fs'
import { buildSchemaPage } from './schema-page.ts'
import { readSnapshot } from './schema-snapshot.ts'

writeFileSync(new URL('../../docs/reference/schema.md', import.meta.url), buildSchemaPage(readSnapshot()))
