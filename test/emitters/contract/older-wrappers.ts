/** The endpoints again, with SDKs that apps still have: the last or oldest of each major version that is supported. */
import type * as google from '@google/genai'
import * as google2 from '@google/genai-2'
import type * as cohere from 'cohere-ai'
import * as cohere8 from 'cohere-ai-8.0'
import type * as openai from 'openai'
import * as openai5 from 'openai-5'
import * as openai6 from 'openai-6'
import type { Wrapper } from './wrapper.ts'
import { cohereWrappers, googleContent, openAiWrappers } from './wrappers.ts'

const named = (version: string, wrappers: readonly Wrapper[]): readonly Wrapper[] =>
  wrappers.map((wrapper) => ({ ...wrapper, id: `${wrapper.id}, SDK ${version}` }))

/** Types of two versions of a class never fit each other. */
export const OLDER_WRAPPERS: readonly Wrapper[] = [
  ...named('5', openAiWrappers(openai5 as unknown as typeof openai)),
  ...named('6', openAiWrappers(openai6 as unknown as typeof openai)),
  // Embeddings say nothing of their usage before 3.0.
  ...named(
    '2',
    [false, true].map((vertexai) => googleContent(google2 as unknown as typeof google, vertexai)),
  ),
  ...named('8.0', cohereWrappers(cohere8 as unknown as typeof cohere)),
]
