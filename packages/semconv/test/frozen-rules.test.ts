import { readFileSync } from 'node:fs'
import { RULES_VERSION } from '@outlay/semconv'
import { expect, test } from 'vitest'
import { ruleDigests } from '../scripts/rule-digests.ts'

const frozen = JSON.parse(readFileSync(new URL('fixtures/frozen-rules.json', import.meta.url), 'utf8')) as object

test('rules and tables are those of their version: a change raises rev and RULES_VERSION, then `node packages/semconv/scripts/freeze-rules.ts`', () => {
  expect({ version: RULES_VERSION, ...ruleDigests() }).toEqual(frozen)
})
