/** An app of ES modules. */
import * as bedrock from '@aws-sdk/client-bedrock-runtime'
import * as anthropic from '@anthropic-ai/sdk'
import * as google from '@google/genai'
import * as mistral from '@mistralai/mistralai'
import * as cohere from 'cohere-ai'
import * as openai from 'openai'
import { makeCalls } from './calls.ts'

const seen = await makeCalls({ openai, anthropic, google, mistral, cohere, bedrock }, process.argv[2] ?? '')
process.stdout.write(JSON.stringify(seen))
