/** The model that the app uses, measured. */
import { openai } from '@ai-sdk/openai'
import { outlayMiddleware } from '@outlay/instrumentation/ai-sdk'
import { wrapLanguageModel } from 'ai'

export const model = wrapLanguageModel({ model: openai('gpt-5'), middleware: outlayMiddleware() })
