/** `node src/main.ts "a question"`: one question to the agent, for one user of one customer. */
import { HumanMessage } from '@langchain/core/messages'
import { currentAttribution, registerOutlay, withAttribution, withTask } from '@outlay/instrumentation'
import { OutlayCallbackHandler } from '@outlay/instrumentation/langchain'
import { buildAgent } from './agent.ts'

const { OUTLAY_ENDPOINT = 'http://127.0.0.1:4318', OUTLAY_USER_KEY } = process.env

const outlay = registerOutlay({ endpoint: OUTLAY_ENDPOINT, serviceName: 'assistant', userKey: OUTLAY_USER_KEY })
const agent = buildAgent()
const question = process.argv[2] ?? 'Should we move the warehouse to Rotterdam?'
/** Of whoever is logged in. */
const account = { tenant: 'acme', user: 'jane@acme.example', tier: 'pro', session: 'thread-1' }

const ask = async (): Promise<string> => {
  const { messages } = await agent.invoke(
    { messages: [new HumanMessage(question)] },
    // Once, for all models of the graph, also those in tools.
    { callbacks: [new OutlayCallbackHandler()] },
  )
  return `${messages.at(-1)?.text}\ntask: ${currentAttribution().task}\n`
}

try {
  const answer = await withAttribution({ ...account, feature: 'assistant', workload: 'agent' }, () =>
    withTask({ type: 'question' }, ask),
  )
  process.stdout.write(answer)
} finally {
  await outlay.shutdown()
}
