/** Provider names of every dialect → the value of the semantic conventions (spec: counters §7). */
import { remembering } from './remembering.ts'

const SEMCONV_PROVIDERS = [
  'anthropic',
  'aws.bedrock',
  'azure.ai.inference',
  'azure.ai.openai',
  'cohere',
  'deepseek',
  'gcp.gemini',
  'gcp.gen_ai',
  'gcp.vertex_ai',
  'groq',
  'ibm.watsonx.ai',
  'mistral_ai',
  'moonshot_ai',
  'openai',
  'perplexity',
  'x_ai',
] as const

/** Spellings of other emitters. An empty value names a framework, which is not a provider. */
const SPELLINGS: Readonly<Record<string, string>> = {
  'amazon-bedrock': 'aws.bedrock',
  amazon_bedrock: 'aws.bedrock',
  aws: 'aws.bedrock',
  aws_bedrock: 'aws.bedrock',
  bedrock: 'aws.bedrock',
  bedrock_converse: 'aws.bedrock',
  azure: 'azure.ai.openai',
  'azure-openai': 'azure.ai.openai',
  azure_openai: 'azure.ai.openai',
  'azure-ai': 'azure.ai.inference',
  'az.ai.inference': 'azure.ai.inference',
  'az.ai.openai': 'azure.ai.openai',
  gemini: 'gcp.gemini',
  google: 'gcp.gen_ai',
  googleai: 'gcp.gemini',
  google_genai: 'gcp.gen_ai',
  google_vertexai: 'gcp.vertex_ai',
  'google-vertex': 'gcp.vertex_ai',
  'google.generative-ai': 'gcp.gemini',
  'google.vertex': 'gcp.vertex_ai',
  'gcp.vertex.agent': 'gcp.gen_ai',
  vertex: 'gcp.vertex_ai',
  vertex_ai: 'gcp.vertex_ai',
  vertexai: 'gcp.vertex_ai',
  'openai-responses': 'openai',
  mistral: 'mistral_ai',
  mistralai: 'mistral_ai',
  moonshot: 'moonshot_ai',
  moonshotai: 'moonshot_ai',
  watsonx: 'ibm.watsonx.ai',
  xai: 'x_ai',
  'x-ai': 'x_ai',
  'strands-agents': '',
  langchain: '',
  spring_ai: '',
}

const HOST_SUFFIXES: readonly (readonly [suffix: string, provider: string])[] = [
  ['api.openai.com', 'openai'],
  ['.openai.azure.com', 'azure.ai.openai'],
  ['.cognitiveservices.azure.com', 'azure.ai.openai'],
  ['api.anthropic.com', 'anthropic'],
  ['generativelanguage.googleapis.com', 'gcp.gemini'],
  ['aiplatform.googleapis.com', 'gcp.vertex_ai'],
  ['api.mistral.ai', 'mistral_ai'],
  ['api.cohere.com', 'cohere'],
  ['api.cohere.ai', 'cohere'],
  ['api.deepseek.com', 'deepseek'],
  ['api.x.ai', 'x_ai'],
  ['api.groq.com', 'groq'],
  ['api.perplexity.ai', 'perplexity'],
  ['api.moonshot.ai', 'moonshot_ai'],
  ['api.moonshot.cn', 'moonshot_ai'],
  // Gateways and hosts of open models that send the invoice themselves, by the names of the price book.
  ['openrouter.ai', 'openrouter'],
  ['ai-gateway.vercel.sh', 'vercel'],
  ['api.together.xyz', 'together'],
  ['api.together.ai', 'together'],
  ['api.fireworks.ai', 'fireworks'],
  ['api.deepinfra.com', 'deepinfra'],
  ['api.novita.ai', 'novita'],
  ['router.huggingface.co', 'huggingface'],
  ['api.cerebras.ai', 'cerebras'],
]

/** Amazon has many other hosts: a gateway of the user's own may stand behind one. VPC endpoints name the service later on. */
const BEDROCK_HOST = /(?:^|\.)bedrock[a-z-]*\.[a-z0-9-]+\.(?:vpce\.)?amazonaws\.com(?:\.cn)?$/

/** Bedrock's model ids name the maker first, behind an optional geography: `us.anthropic.claude-…`. */
const BEDROCK_MODEL =
  /^(?:(?:us|us-gov|eu|ap|apac|jp|au|ca|global)\.)?(?:anthropic|amazon|meta|cohere|mistral|ai21|deepseek|openai|qwen|writer)\./

/**
 * Folds a reported provider to semconv's value. Case is ignored, AI SDK ids are cut at the first dot, an unlisted name
 * stays as reported, and the name of a framework becomes empty: it says nothing about who bills.
 */
export const foldProvider = remembering((reported) => {
  const name = reported.toLowerCase()
  const known = knownProvider(name)
  if (known !== undefined) return known
  // `google.vertex.chat`, then `google`; `openai.responses` is `openai`.
  const secondDot = name.indexOf('.', name.indexOf('.') + 1)
  const head = secondDot > 0 ? knownProvider(name.slice(0, secondDot)) : undefined
  const first = name.indexOf('.') > 0 ? knownProvider(name.slice(0, name.indexOf('.'))) : undefined
  return head ?? first ?? reported
})

const PROVIDERS: ReadonlySet<string> = new Set(SEMCONV_PROVIDERS)

const knownProvider = (name: string): string | undefined => {
  if (PROVIDERS.has(name)) return name
  return Object.hasOwn(SPELLINGS, name) ? SPELLINGS[name] : undefined
}

/** The provider behind a host name; empty when the host is not a provider's own. */
export const providerOfHost = remembering((host) => {
  const name = host.toLowerCase()
  for (const [suffix, provider] of HOST_SUFFIXES) {
    if (name === suffix || name.endsWith(suffix.startsWith('.') ? suffix : `.${suffix}`)) return provider
    // Vertex hosts put the location in front with a hyphen: `us-east5-aiplatform.googleapis.com`.
    if (provider === 'gcp.vertex_ai' && name.endsWith(`-${suffix}`)) return provider
  }
  return BEDROCK_HOST.test(name) ? 'aws.bedrock' : ''
})

/** Who bills, where the span hides it: from the model id, then from the host. Empty = unknown, hence unpriced. */
export const inferProvider = (model: string, host: string): string =>
  BEDROCK_MODEL.test(model) ? 'aws.bedrock' : providerOfHost(host)

/** Gemini and xAI leave reasoning out of the output on compatible endpoints, so their totals carry a residual. */
export const leavesReasoningOut = (provider: string, model: string): boolean => {
  if (provider === 'x_ai' || provider === 'gcp.gemini' || provider === 'gcp.gen_ai') return true
  const name = model.slice(model.lastIndexOf('/') + 1).toLowerCase()
  return name.startsWith('gemini') || name.startsWith('grok')
}
