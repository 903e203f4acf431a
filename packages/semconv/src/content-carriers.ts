/**
 * Attributes and events that hold prompts or outputs (spec: collector §11.3). A `*` stands for any text. Names that the
 * rules read are exempt, e.g. `gen_ai.prompt.version` under `gen_ai.prompt*`.
 */

/** Version of `CONTENT_CARRIERS` and of the known keys: stored with every record that was stripped by them. */
export const ATTRIBUTE_KEYS_VERSION = '2026-11-23.1'

const under = (prefix: string, ...names: string[]): string[] => names.map((name) => `${prefix}${name}`)

export const CONTENT_CARRIERS: readonly string[] = [
  ...under(
    'gen_ai.',
    'input.messages',
    'output.messages',
    'system_instructions',
    'prompt*',
    'completion*',
    'content.*',
  ),
  ...under('gen_ai.tool.', 'definitions', 'description', 'call.arguments', 'call.result'),
  ...under('gen_ai.', 'system.message', 'user.message', 'assistant.message', 'tool.message', 'choice'),
  'gen_ai.client.inference.operation.details',
  'gen_ai.evaluation.explanation',
  ...under('traceloop.entity.', 'input', 'output'),
  ...under('llm.', 'input_messages*', 'output_messages*', 'prompts*', 'completions*', 'prompt_template*'),
  ...under('llm.', 'invocation_parameters', 'tools*'),
  'input.value',
  'output.value',
  'retrieval.documents*',
  'reranker.*documents*',
  'embedding.embeddings*',
  'ai.prompt*',
  ...under('ai.response.', 'text', 'object', 'toolCalls', 'reasoning'),
  'ai.result.*',
  ...under('ai.toolCall.', 'args', 'result'),
  'ai.value*',
  'pydantic_ai.all_messages',
  'genkit:input',
  ...under('', 'all_messages_events', 'events', 'tool_arguments', 'tool_response', 'final_result'),
  ...under('logfire.', 'msg', 'json_schema'),
  ...under('mlflow.span', 'Inputs', 'Outputs'),
  ...under('gcp.vertex.agent.', 'llm_request', 'llm_response', 'tool_call_args', 'tool_response', 'data'),
  ...under('spring.ai.tool.', 'call.arguments', 'call.result', 'definition.description', 'definition.schema'),
  ...under('db.vector.query.', 'content', 'response.documents'),
  ...under('lk.', 'input_text', 'user_transcript', 'chat_ctx', 'response.text', 'function_tool.output'),
  ...under('langfuse.*.', 'input', 'output'),
  ...under('exception.', 'message', 'stacktrace'),
  'db.query.text',
  'url.query',
  'http.*.body*',
]
