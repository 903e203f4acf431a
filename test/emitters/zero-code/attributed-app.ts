/** An app that has begun to say whom its calls are for, and wraps its client itself as well. */
import { withAttribution, wrap } from '@outlay/instrumentation'
import OpenAI from 'openai'

const client = wrap(new OpenAI({ apiKey: 'stub', baseURL: `${process.argv[2]}/v1` }))
const messages = [{ role: 'user' as const, content: 'hello' }]
await withAttribution({ tenant: 'acme', user: 'ann', feature: 'inbox', workload: 'chat' }, () =>
  client.chat.completions.create({ model: 'gpt-5', messages }),
)
