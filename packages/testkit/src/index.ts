export { type BedrockCounts, type BedrockUsage, type NovaUsage } from './bedrock-usage.ts'
export { type GeminiUsage } from './gemini-wire.ts'
export {
  type StubAnswer,
  type StubApi,
  type StubError,
  type StubRequest,
  type StubScript,
  type StubServed,
  type StubToolCall,
} from './stub-answer.ts'
export { type StubProvider, type StubProviderOptions, startStubProvider } from './stub-provider.ts'
export {
  type AnthropicUsage,
  type OpenAIChatUsage,
  type OpenAIEmbeddingsUsage,
  type OpenAIResponsesUsage,
  type StubUsage,
  usageOf,
} from './stub-usage.ts'
export { type TempDir, tempDir } from './temp-dir.ts'
