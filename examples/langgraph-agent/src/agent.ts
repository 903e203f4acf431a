/** A graph of two nodes: a model that may ask for research, and the tool that hands it out to a researcher for each topic. */
import { tool } from '@langchain/core/tools'
import { MessagesAnnotation, START, StateGraph } from '@langchain/langgraph'
import { ToolNode, toolsCondition } from '@langchain/langgraph/prebuilt'
import { ChatOpenAI } from '@langchain/openai'
import { withBranch } from '@outlay/instrumentation'
import { z } from 'zod'

/** Nothing in here but `withBranch` knows of Outlay: whoever runs the graph says who it is for. */
export const buildAgent = () => {
  const researcher = new ChatOpenAI({ model: 'gpt-5-mini' })

  const research = tool(
    async ({ topics }) => {
      const findings = await Promise.all(
        topics.map((topic, index) =>
          // Each topic is a task of its own below the user's, so that a dear one can be found.
          withBranch(index, () => researcher.invoke(`What is known about: ${topic}?`), { type: 'research' }),
        ),
      )
      return findings.map(({ text }) => text).join('\n')
    },
    {
      name: 'research',
      description: 'Finds out what is known about some topics',
      schema: z.object({ topics: z.array(z.string()) }),
    },
  )

  const model = new ChatOpenAI({ model: 'gpt-5' }).bindTools([research])

  return new StateGraph(MessagesAnnotation)
    .addNode('model', async ({ messages }) => ({ messages: [await model.invoke(messages)] }))
    .addNode('tools', new ToolNode([research]))
    .addEdge(START, 'model')
    .addConditionalEdges('model', toolsCondition)
    .addEdge('tools', 'model')
    .compile()
}
