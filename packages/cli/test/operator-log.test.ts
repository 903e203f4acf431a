import { expect, test } from 'vitest'
import { createOperatorLog, levelOf, type LogLevel } from '#src/up/operator-log.ts'

const logged = (
  level: LogLevel,
  encoding: 'console' | 'json',
  say: (log: ReturnType<typeof createOperatorLog>) => void,
) => {
  const lines: string[] = []
  say(createOperatorLog({ level, encoding, clock: { now: () => 0 }, write: (text) => lines.push(text) }))
  return lines
}

test('a message is one line, whatever it quotes', () => {
  expect(logged('info', 'console', (log) => log('refused\r\n\u001b[2Jspoofed'))).toEqual(['refused [2Jspoofed\n'])
})

test('as JSON it carries time and level', () => {
  expect(logged('info', 'json', (log) => log('held', 'warn')).map((line) => JSON.parse(line) as unknown)).toEqual([
    { time: '1970-01-01T00:00:00.000Z', level: 'warn', message: 'held' },
  ])
})

test('what is below the configured level is not said', () => {
  const say = (log: ReturnType<typeof createOperatorLog>): void => {
    log('started')
    log('held', 'warn')
    log('failed', 'error')
  }
  expect(logged('warn', 'console', say)).toEqual(['held\n', 'failed\n'])
  expect(logged('error', 'console', say)).toEqual(['failed\n'])
})

test('the level may change while it is in use', () => {
  const say = (log: ReturnType<typeof createOperatorLog>): void => {
    log.setLevel('error')
    log('held', 'warn')
    log.setLevel('debug')
    log('looked', 'debug')
  }
  expect(logged('info', 'console', say)).toEqual(['looked\n'])
})

test('an event that wants a person is an error, one that passes a warning', () => {
  expect(levelOf({ type: 'disk_full' })).toBe('error')
  expect(levelOf({ type: 'writer_held', table: 'spans', code: '241' })).toBe('warn')
  expect(levelOf({ type: 'tokens_reloaded', tokens: 1 })).toBe('info')
})
