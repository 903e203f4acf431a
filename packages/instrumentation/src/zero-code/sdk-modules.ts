/** Packages whose clients are measured without a change to the app, and the exports that make clients. */

export interface SdkModule {
  /** As it is imported. */
  readonly specifier: string
  /** Exports that are classes of clients; `default` is one of those in some packages. */
  readonly clients: readonly string[]
  /** Laid over the options of every client. */
  readonly options?: object
}

export const SDK_MODULES: readonly SdkModule[] = [
  { specifier: 'openai', clients: ['default', 'OpenAI', 'AzureOpenAI', 'BedrockOpenAI'] },
  // Its own spans would count every call twice.
  { specifier: '@anthropic-ai/sdk', clients: ['default', 'Anthropic'], options: { openTelemetry: false } },
  { specifier: '@google/genai', clients: ['GoogleGenAI'] },
  { specifier: '@mistralai/mistralai', clients: ['Mistral'] },
  { specifier: 'cohere-ai', clients: ['CohereClientV2'] },
  { specifier: '@aws-sdk/client-bedrock-runtime', clients: ['BedrockRuntimeClient', 'BedrockRuntime'] },
]
