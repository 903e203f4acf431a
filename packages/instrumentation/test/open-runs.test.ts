import { context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { limits } from '@outlay/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { noteCall, noteEnd, OpenRun } from '#src/call/open-runs.ts'
import { SessionSums } from '#src/frameworks/claude-agent/session-sums.ts'

const MODEL = 'gpt-5'

const call = (responseId: string | undefined): void => {
  const noted = noteCall(MODEL)
  if (noted !== undefined) noteEnd(noted, responseId)
}

beforeEach(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
})
afterEach(() => {
  context.disable()
})

const elsewhere = <Result>(fn: () => Result): Result =>
  context.with(ROOT_CONTEXT.setValue(createContextKey('elsewhere'), true), fn)

test('a run finds the call with its response id wherever that was made', () => {
  const run = new OpenRun(MODEL)
  elsewhere(() => call('a'))
  expect(run.isMeasuredBelow('a')).toBe(true)
})

test('a run without an id finds a call of the same place and model, and none of another', () => {
  const run = new OpenRun(MODEL)
  elsewhere(() => call(undefined))
  noteCall('another')
  expect(run.isMeasuredBelow(undefined)).toBe(false)
})

test('a call stands for one run only, and for none that began after it', () => {
  const runs = [new OpenRun(MODEL), new OpenRun(MODEL)]
  call(undefined)
  const later = new OpenRun(MODEL)
  expect(later.isMeasuredBelow(undefined)).toBe(false)
  expect(runs.map((run) => run.isMeasuredBelow(undefined))).toEqual([true, false])
})

test('a run with an answer takes no call for itself that is under way or has another id', () => {
  const run = new OpenRun(MODEL)
  noteCall(MODEL)
  call('b')
  expect(run.isMeasuredBelow('a')).toBe(false)
})

test('nothing is noted while no run is open', () => {
  expect(noteCall(MODEL)).toBeUndefined()
})

test('a run that stays open keeps the latest calls, as many as the limit says', () => {
  const count = limits.instrumentation.sightingsMax
  const [run, other] = [new OpenRun(MODEL), new OpenRun(MODEL)]
  for (let at = 0; at <= count; at += 1) call(`call-${at}`)
  expect(run.isMeasuredBelow('call-0')).toBe(false)
  expect(other.isMeasuredBelow('call-1')).toBe(true)
})

test('as many sessions of agents are remembered as the limit says', () => {
  const result = (session: string) => ({ session_id: session, modelUsage: { m: { inputTokens: 5 } } })
  const count = limits.instrumentation.agentSessionsMax
  for (let at = 0; at <= count; at += 1) new SessionSums(false, undefined).restOf(result(`session-${at}`))
  expect(new SessionSums(true, 'session-0').restOf(result('session-0'))).toBeUndefined()
  expect(new SessionSums(true, 'session-2').restOf(result('session-2'))?.map(({ counts }) => counts.input)).toEqual([0])
})
