import { describe, expect, test } from 'vitest'
import { isGenAiSpan, speaksOwnDialect, toolCallOf } from '@outlay/semconv'
import { chat, span } from './span-builder.ts'

describe('what ingest keeps as evidence of model use', () => {
  test.each([
    ['usage', { scopeName: 'x', name: 'call', attributes: { 'llm.token_count.prompt': 3n } }],
    ['a leaf', { scopeName: 'x', name: 'call', attributes: { 'gen_ai.operation.name': 'chat' } }],
    ['an aggregate', { scopeName: 'x', name: 'run', attributes: { 'openinference.span.kind': 'AGENT' } }],
    ['a workflow', { scopeName: 'x', name: 'run', attributes: { 'traceloop.span.kind': 'workflow' } }],
    ['a name', { scopeName: 'gcp.vertex.agent', name: 'call_llm', attributes: {} }],
    ['MLflow', { scopeName: 'x', name: 'predict', attributes: { 'mlflow.spanType': '"LLM"' } }],
    [
      'bare names of Claude Code',
      { scopeName: 'x', name: 'claude_code.llm_request', attributes: { input_tokens: 1n } },
    ],
    ['attribution', { scopeName: 'web', name: 'POST /', attributes: { 'outlay.tenant.id': 'acme' } }],
  ])('%s', (_, subject) => {
    expect(isGenAiSpan(subject)).toBe(true)
  })

  test.each([
    { scopeName: '@opentelemetry/instrumentation-http', name: 'GET', attributes: { 'http.request.method': 'GET' } },
    {
      scopeName: '@opentelemetry/instrumentation-pg',
      name: 'pg.query',
      attributes: { 'db.system.name': 'postgresql' },
    },
    { scopeName: 'x', name: 'call_llm', attributes: { input_tokens: 3n } },
  ])('$name of $scopeName is a plain span', (subject) => {
    expect(isGenAiSpan(subject)).toBe(false)
  })
})

test('our dialect is spoken by our scope with the raw usage object', () => {
  const scopeName = '@outlay/instrumentation'
  const attributes = { 'outlay.usage.raw': '{}' }
  expect(speaksOwnDialect({ scopeName, name: 'chat', attributes })).toBe(true)
  expect(speaksOwnDialect({ scopeName, name: 'chat', attributes: {} })).toBe(false)
  expect(speaksOwnDialect({ scopeName: 'x', name: 'chat', attributes })).toBe(false)
})

test('agents and tools of our scope hold no trace up: they are never billed', () => {
  const scopeName = '@outlay/instrumentation'
  const ofOperation = (operation: string) => ({ 'gen_ai.operation.name': operation })
  expect(speaksOwnDialect({ scopeName, name: 'invoke_agent', attributes: ofOperation('invoke_agent') })).toBe(true)
  expect(speaksOwnDialect({ scopeName, name: 'execute_tool', attributes: ofOperation('execute_tool') })).toBe(true)
  expect(speaksOwnDialect({ scopeName, name: 'chat', attributes: ofOperation('chat') })).toBe(false)
  expect(speaksOwnDialect({ scopeName: 'x', name: 'execute_tool', attributes: ofOperation('execute_tool') })).toBe(
    false,
  )
})

describe('tool calls', () => {
  test('a tool span names its tool, task, arguments hash and failure', () => {
    const attributes = {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'search',
      'outlay.task.id': 't1',
      'outlay.tool.arguments_hash': 'abc',
    }
    const tool = { ...span({ id: 1, attributes }), statusCode: 2 }
    expect(toolCallOf(tool)).toMatchObject({ tool: 'search', task: 't1', argumentsHash: 'abc', failed: true })
  })

  test('without an attribute the span name is the tool', () => {
    const attributes = { 'openinference.span.kind': 'TOOL' }
    expect(toolCallOf(span({ id: 1, name: 'Bash', attributes }))).toMatchObject({ tool: 'Bash', argumentsHash: '' })
  })

  test('a model call is no tool call', () => {
    expect(toolCallOf(span({ id: 1, attributes: chat(1, 1) }))).toBeUndefined()
  })
})
