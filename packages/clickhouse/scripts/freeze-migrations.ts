/** Adds the checksums of new migrations to the frozen list. Refuses when one that is frozen has changed. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { readMigrations } from '../src/schema/migrations.ts'

const path = new URL('../sql/migrations/checksums.json', import.meta.url)
const frozen = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>) : {}
for (const { name, checksum } of readMigrations()) {
  if (frozen[name] !== undefined && frozen[name] !== checksum) {
    throw new Error(`${name} is frozen; put the change into a new migration`)
  }
  frozen[name] = checksum
}
writeFileSync(path, `${JSON.stringify(frozen, null, 2)}\n`)
