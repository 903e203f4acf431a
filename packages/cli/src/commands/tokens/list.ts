/** `outlay tokens list`: what the tokens file holds, without secrets. */
import { systemClock } from '@outlay/core'
import Table from 'cli-table3'
import type { Command } from 'commander'
import { type CommandContext, EXIT } from '#src/command-context.ts'
import { FILE_FLAG, FILE_HELP, fileFor, TOKENS_FILE } from '#src/tokens/file-option.ts'
import { answerToken, describeBinding, type TokenAnswer } from '#src/tokens/token-answer.ts'

interface ListOptions {
  readonly file: string
  readonly json: boolean
}

export const addListCommand = (tokens: Command, context: CommandContext, exit: (code: number) => void): void => {
  tokens
    .command('list')
    .description('tokens of the file: whose they are, what they may do, until when')
    .option(FILE_FLAG, FILE_HELP, TOKENS_FILE)
    .option('--json', 'print JSON', false)
    .addHelpText('after', '\nExample:\n  outlay tokens list --file tokens.yaml')
    .action(async ({ file, json }: ListOptions) => {
      const { readTokensFile } = await import('@outlay/collector')
      const nowMs = systemClock.now()
      const answers = (await readTokensFile(fileFor(context, file))).map((entry) => answerToken(entry, nowMs))
      context.stdout.write(`${json ? JSON.stringify({ tokens: answers }, null, 2) : render(answers)}\n`)
      exit(EXIT.done)
    })
}

const render = (answers: readonly TokenAnswer[]): string => {
  const table = new Table({ head: ['id', 'state', 'scopes', 'for', 'expires'], style: { head: [], border: [] } })
  for (const answer of answers) {
    const { id, state, scopes, expires_at } = answer
    table.push([id, state, scopes.join(', '), describeBinding(answer), expires_at ?? 'never'])
  }
  return table.toString()
}
