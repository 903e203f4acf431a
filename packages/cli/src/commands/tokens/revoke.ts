/** `outlay tokens revoke`: ends a token. A running collector refuses it within seconds. */
import { systemClock } from '@outlay/core'
import type { Command } from 'commander'
import { type CommandContext, EXIT } from '#src/command-context.ts'
import { FILE_FLAG, FILE_HELP, fileFor, TOKENS_FILE } from '#src/tokens/file-option.ts'
import { answerToken } from '#src/tokens/token-answer.ts'

interface RevokeOptions {
  readonly file: string
  readonly json: boolean
}

export const addRevokeCommand = (tokens: Command, context: CommandContext, exit: (code: number) => void): void => {
  tokens
    .command('revoke <id>')
    .description('end a token now; its entry stays, so that what it sent can be told')
    .option(FILE_FLAG, FILE_HELP, TOKENS_FILE)
    .option('--json', 'print JSON', false)
    .addHelpText('after', '\nExample:\n  outlay tokens revoke 3f9c01d2a4b5e677 --file tokens.yaml')
    .action(async (id: string, { file, json }: RevokeOptions) => {
      const { revokeToken } = await import('@outlay/collector')
      const nowMs = systemClock.now()
      const answer = answerToken(await revokeToken(fileFor(context, file), id, nowMs), nowMs)
      const text = `Revoked since ${answer.revoked_at}. A running collector refuses it within 5 seconds.`
      context.stdout.write(`${json ? JSON.stringify(answer, null, 2) : text}\n`)
      exit(EXIT.done)
    })
}
