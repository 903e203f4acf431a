/** `@outlay/instrumentation/claude-agent`: the Claude Agent SDK. */
export { type ClaudeAgentOptions, outlayQuery } from './frameworks/claude-agent/query.ts'
