/**
 * What the contract says to the models: in each place where an app puts words of its users, a word that must never be seen outside.
 * Prompt, system prompt, arguments and result of a tool, name of a file.
 */
import type { Message as BedrockMessage } from '@aws-sdk/client-bedrock-runtime'
import type { MessageParam } from '@anthropic-ai/sdk/resources/messages'
import type { Content } from '@google/genai'
import type { Mistral } from '@mistralai/mistralai'
import type { CohereClientV2 } from 'cohere-ai'
import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions'
import type { ResponseInput } from 'openai/resources/responses/responses'

export const CANARY = 'canary-7f3a'

const TOOL = 'weather'
const TOOL_CALL_ID = 'call-1'
const asked = `hello ${CANARY}`
const input = { city: CANARY }
const inputJson = JSON.stringify(input)

export const SYSTEM_PROMPT = `You are ${CANARY}.`
export const PROMPT = asked
export const FILE_NAME = `${CANARY}.wav`

export const OPENAI_MESSAGES: ChatCompletionMessageParam[] = [
  { role: 'system', content: SYSTEM_PROMPT },
  { role: 'user', content: asked },
  {
    role: 'assistant',
    content: null,
    tool_calls: [{ id: TOOL_CALL_ID, type: 'function', function: { name: TOOL, arguments: inputJson } }],
  },
  { role: 'tool', tool_call_id: TOOL_CALL_ID, content: CANARY },
]

export const RESPONSES_INPUT: ResponseInput = [
  { role: 'user', content: asked },
  { type: 'function_call', call_id: TOOL_CALL_ID, name: TOOL, arguments: inputJson },
  { type: 'function_call_output', call_id: TOOL_CALL_ID, output: CANARY },
]

export const ANTHROPIC_MESSAGES: MessageParam[] = [
  { role: 'user', content: asked },
  { role: 'assistant', content: [{ type: 'tool_use', id: TOOL_CALL_ID, name: TOOL, input }] },
  { role: 'user', content: [{ type: 'tool_result', tool_use_id: TOOL_CALL_ID, content: CANARY }] },
]

export const GEMINI_CONTENTS: Content[] = [
  { role: 'user', parts: [{ text: asked }] },
  { role: 'model', parts: [{ functionCall: { name: TOOL, args: input } }] },
  { role: 'user', parts: [{ functionResponse: { name: TOOL, response: { output: CANARY } } }] },
]

export const MISTRAL_MESSAGES: Parameters<Mistral['chat']['complete']>[0]['messages'] = [
  { role: 'system', content: SYSTEM_PROMPT },
  { role: 'user', content: asked },
  { role: 'assistant', toolCalls: [{ id: TOOL_CALL_ID, function: { name: TOOL, arguments: input } }] },
  { role: 'tool', toolCallId: TOOL_CALL_ID, content: CANARY },
]

export const COHERE_MESSAGES: Parameters<CohereClientV2['chat']>[0]['messages'] = [
  { role: 'system', content: SYSTEM_PROMPT },
  { role: 'user', content: asked },
  {
    role: 'assistant',
    toolCalls: [{ id: TOOL_CALL_ID, type: 'function', function: { name: TOOL, arguments: inputJson } }],
  },
  { role: 'tool', toolCallId: TOOL_CALL_ID, content: CANARY },
]

export const BEDROCK_MESSAGES: BedrockMessage[] = [
  { role: 'user', content: [{ text: asked }] },
  { role: 'assistant', content: [{ toolUse: { toolUseId: TOOL_CALL_ID, name: TOOL, input } }] },
  { role: 'user', content: [{ toolResult: { toolUseId: TOOL_CALL_ID, content: [{ text: CANARY }] } }] },
]
