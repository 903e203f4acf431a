/** The Claude Agent SDK: the real agent, in a process of its own, which sends its requests to the stub provider. */
import { createSdkMcpServer, type Options, query, tool } from '@anthropic-ai/claude-agent-sdk'
import { outlayQuery } from '@outlay/instrumentation/claude-agent'
import { tempDir } from '@outlay/testkit'
import { z } from 'zod'
import { PROMPT, type Seam, type SeamSetting, WEATHER } from './seam.ts'

const weather = () =>
  createSdkMcpServer({
    name: 'app',
    tools: [
      tool(WEATHER.name, 'Weather', { city: z.string() }, async () => ({
        content: [{ type: 'text', text: WEATHER.answer }],
      })),
    ],
  })

const AGENT_TOOL = `mcp__app__${WEATHER.name}`

/** Nothing of the machine's own settings, and nothing that is sent elsewhere. */
export const agentOptions = (home: string, { url, retries, timeoutMs }: AgentPlace): Options => ({
  model: 'claude-sonnet-5-5',
  cwd: home,
  settingSources: [],
  maxTurns: 4,
  env: {
    PATH: process.env['PATH'],
    HOME: home,
    TMPDIR: home,
    CLAUDE_CONFIG_DIR: home,
    ANTHROPIC_API_KEY: 'stub',
    ANTHROPIC_BASE_URL: url,
    API_TIMEOUT_MS: String(timeoutMs),
    CLAUDE_CODE_MAX_RETRIES: String(retries),
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    DISABLE_TELEMETRY: '1',
  },
})

export type AgentPlace = Pick<SeamSetting, 'url' | 'retries' | 'timeoutMs'>

/** For the request to leave the agent. */
const ASKED_MS = 500

const runAgent = async (setting: SeamSetting): Promise<unknown> => {
  using home = tempDir()
  const { measured, stream, tools, signal } = setting
  const ask = measured ? outlayQuery(query) : query
  const abortController = new AbortController()
  const messages = ask({
    prompt: PROMPT,
    options: {
      ...agentOptions(home.path, setting),
      ...(stream ? { includePartialMessages: true } : {}),
      ...(tools ? { mcpServers: { app: weather() }, allowedTools: [AGENT_TOOL] } : {}),
      abortController,
    },
  })
  const seen: unknown[] = []
  for await (const message of messages) {
    if (message.type === 'stream_event') seen.push(message.event)
    if (message.type === 'assistant') seen.push(message.message.content, message.message.usage)
    if (message.type === 'result') seen.push(message.subtype, message.usage, message.num_turns)
    // Aborted any earlier, the agent would not have asked its model yet.
    const isAsking = message.type === 'system' && message.subtype === 'init'
    if (isAsking && signal !== undefined) setTimeout(() => abortController.abort(), ASKED_MS)
  }
  return seen
}

export const CLAUDE_AGENT_SEAMS: readonly Seam[] = [
  {
    id: 'claude agent',
    provider: 'anthropic',
    meters: {
      input: 700,
      cache_read: 300,
      cache_write_5m: 20,
      cache_write_1h: 10,
      output: 40,
      output_reasoning: 60,
      web_search: 2,
    },
    retriedBy: 'below',
    toolName: AGENT_TOOL,
    run: runAgent,
  },
]
