/** `@outlay/instrumentation/openai-agents`: the OpenAI Agents SDK. */
export { type AgentModelOptions, outlayModel, outlayModelProvider } from './frameworks/openai-agents/model-provider.ts'
