import { describe, expect, test } from 'vitest'
import { substituteVariables } from '../src/variable-values.ts'

describe('variables in a query', () => {
  test('send All unquoted once more, so that the filter holds the sentinel', () => {
    expect(substituteVariables('tenants = [${tenant:singlequote}]', { tenant: 'all' })).toBe("tenants = ['*']")
  })

  test('quote each chosen value and escape its quotes', () => {
    expect(substituteVariables('[${tenant:singlequote}]', { tenant: ["o'brien", 'b'] })).toBe(
      String.raw`['o\'brien','b']`,
    )
  })

  test('stand bare where they are identifiers', () => {
    expect(substituteVariables('${database}.calls', { database: ['outlay_demo'] })).toBe('outlay_demo.calls')
  })

  test('without a value, or with a format that is not ours, are a bug', () => {
    expect(() => substituteVariables('${tenant}', {})).toThrow('no value')
    expect(() => substituteVariables('${tenant:csv}', { tenant: ['a'] })).toThrow('unknown format')
  })
})
