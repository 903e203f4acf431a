import { expect, test } from 'vitest'
import { QuotaAccount } from '#src/tokens/token-quota.ts'

test('who is refused now and then hears it at once; who comes back at once hears it later and later, up to a second', () => {
  const account = new QuotaAccount({ requests: 1 }, 0)
  expect(Array.from({ length: 4 }, () => account.refuse(0))).toEqual([0, 10, 20, 30])
  expect(account.refuse(40)).toBe(0)
  const flood = Array.from({ length: 1_000 }, () => account.refuse(50))
  expect([flood[0], flood[50], flood.at(-1)]).toEqual([0, 500, 1_000])
  expect(account.refuse(5_000)).toBe(0)
})
