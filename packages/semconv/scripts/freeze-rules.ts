/**
 * Writes the digests of the rules of this version. Ledgers name rules by id and revision, and derive again when the version
 * changes: what was changed without raising them is refused.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { RULES_VERSION } from '#src/dialect-rules.ts'
import { type RuleDigests, ruleDigests } from './rule-digests.ts'

const file = new URL('../test/fixtures/frozen-rules.json', import.meta.url)
const digests = ruleDigests()

if (existsSync(file)) {
  const frozen = JSON.parse(readFileSync(file, 'utf8')) as RuleDigests & { readonly version: string }
  const changed = Object.entries(digests.rules).filter(([id, digest]) => (frozen.rules[id] ?? digest) !== digest)
  const isSame = JSON.stringify([frozen.rules, frozen.tables]) === JSON.stringify([digests.rules, digests.tables])
  for (const [id] of changed) console.error(`${id} is another rule than it was: raise its rev`)
  if (!isSame && frozen.version === RULES_VERSION)
    console.error(`the tables changed: raise RULES_VERSION (${RULES_VERSION})`)
  if (changed.length > 0 || (!isSame && frozen.version === RULES_VERSION)) process.exit(1)
}
writeFileSync(file, `${JSON.stringify({ version: RULES_VERSION, ...digests }, null, 2)}\n`)
