/** An app of CommonJS modules. */
import type { Sdks } from './calls.ts'

const { makeCalls } = require('./calls.ts') as { makeCalls: (sdks: Sdks, url: string) => Promise<object> }

const sdks = {
  openai: require('openai'),
  anthropic: require('@anthropic-ai/sdk'),
  google: require('@google/genai'),
  mistral: require('@mistralai/mistralai'),
  cohere: require('cohere-ai'),
  bedrock: require('@aws-sdk/client-bedrock-runtime'),
} as Sdks

void makeCalls(sdks, process.argv[2] ?? '').then((seen) => process.stdout.write(JSON.stringify(seen)))
