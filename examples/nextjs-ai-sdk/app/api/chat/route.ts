/** One turn of a chat: `useChat()` of the AI SDK posts here. */
import { currentOutlay, withAttribution, withTask } from '@outlay/instrumentation'
import { convertToModelMessages, stepCountIs, streamText, tool, type UIMessage } from 'ai'
import { after, type NextRequest, NextResponse } from 'next/server'
import { z } from 'zod'
import { accountOf } from '../../../lib/account.ts'
import { model } from '../../../lib/model.ts'

const orderStatus = tool({
  description: 'Where an order is',
  inputSchema: z.object({ order: z.string() }),
  execute: async ({ order }) => `Order ${order} is on its way.`,
})

interface ChatRequest {
  readonly id: string
  readonly messages: UIMessage[]
}

export const POST = async (request: NextRequest): Promise<Response> => {
  const account = accountOf(request.cookies.get('session')?.value)
  if (account === undefined) return NextResponse.json({ error: 'log in first' }, { status: 401 })
  const { id, messages } = (await request.json()) as ChatRequest

  // When the answer is out: a platform may freeze or end this process then.
  after(() => currentOutlay()?.forceFlush())

  // The answer is streamed long after this function has returned; its calls belong to the turn all the same.
  return withAttribution({ ...account, feature: 'chat', workload: 'chat', session: id }, () =>
    withTask({ type: 'chat-turn' }, async () => {
      const result = streamText({
        model,
        messages: await convertToModelMessages(messages),
        tools: { orderStatus },
        stopWhen: stepCountIs(5),
      })
      return result.toUIMessageStreamResponse()
    }),
  )
}
