/** Writes `docs/reference/collector-config.md`. */
import { writeFileSync } from 'node:fs'
import { PAGE_URL, renderConfigPage } from './config-page.ts'

writeFileSync(PAGE_URL, renderConfigPage())
