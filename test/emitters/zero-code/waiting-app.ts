/** An app in the middle of a call. */
import OpenAI from 'openai'

const client = new OpenAI({ apiKey: 'stub', baseURL: `${process.argv[2]}/v1`, maxRetries: 0 })
const messages = [{ role: 'user' as const, content: 'hello' }]
await client.chat.completions.create({ model: 'gpt-5', messages })
