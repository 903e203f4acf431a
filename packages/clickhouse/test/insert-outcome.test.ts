import { describe, expect, test } from 'vitest'
import { classifyInsertAnswer } from '#src/ledger/insert-outcome.ts'

const answer = (exceptionCode: string | undefined, text = '', httpStatus = 500) =>
  classifyInsertAnswer({ httpStatus, exceptionCode, text }).status

describe('what an answer to an insert means', () => {
  test.each([
    ['a server that is busy', '202', 'transient'],
    ['no memory just now', '241', 'transient'],
    ['a deleted column', '16', 'hold'],
    ['a missing right', '497', 'hold'],
    ['text that is no number', '6', 'poison'],
    ['a block that is cut', '33', 'damaged'],
    ['a code that nobody has placed', '12345', 'unknown'],
  ])('%s', (_, code, status) => {
    expect(answer(code)).toBe(status)
  })

  test('code 252 is about parts, which pass, or about partitions, which never will', () => {
    expect(answer('252', 'Too many parts (300) in table')).toBe('transient')
    expect(answer('252', 'Too many partitions for single INSERT block')).toBe('poison')
  })

  test('data that a view refuses may stand in the table already: the unit is held, never taken apart', () => {
    const text = 'Code: 6. DB::Exception: Cannot parse: while pushing to view outlay.user_counters_mv'
    expect(answer('6', text)).toBe('hold')
    expect(answer('395', 'Value passed to throwIf')).toBe('hold')
    // A view that has no memory gets it when the same bytes come again.
    expect(answer('241', text)).toBe('transient')
  })

  test('the code is read from the text where a proxy drops headers', () => {
    expect(answer(undefined, 'Code: 241. DB::Exception: Memory limit exceeded')).toBe('transient')
  })

  test('whoever answers without a code is told by the status: nothing to find or no access waits for a person', () => {
    const html = '<html><body>Bad gateway</body></html>'
    expect(answer(undefined, html, 502)).toBe('transient')
    expect([401, 403, 404].map((status) => answer(undefined, html, status))).toEqual(['hold', 'hold', 'hold'])
    // A page with a friendly status is no insert.
    expect(answer(undefined, html, 302)).toBe('hold')
  })
})
