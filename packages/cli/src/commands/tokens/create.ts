/** `outlay tokens create`: a new token, shown once. */
import { systemClock } from '@outlay/core'
import type { Command } from 'commander'
import { type CommandContext, EXIT } from '#src/command-context.ts'
import { FILE_FLAG, FILE_HELP, fileFor, TOKENS_FILE } from '#src/tokens/file-option.ts'
import { type NewTokenOptions, parseNewToken } from '#src/tokens/new-token.ts'
import { answerToken, describeBinding } from '#src/tokens/token-answer.ts'

interface CreateOptions extends NewTokenOptions {
  readonly file: string
  readonly json: boolean
}

const collect = (text: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), text]

export const addCreateCommand = (tokens: Command, context: CommandContext, exit: (code: number) => void): void => {
  tokens
    .command('create')
    .description('a new token; it is shown once and kept only as a hash')
    .option('--tenant <id>', 'everything it sends belongs to this tenant')
    .option('--trusted <account>', 'an app that serves many customers: its spans name the tenant in outlay.tenant.id')
    .option('--allow-tenant <id>', 'with --trusted: may name this tenant; repeatable, none = any', collect)
    .option('--tenant-prefix <text>', 'with --trusted: may name tenants that begin so')
    .option('--scope <scope>', 'ingest, read, decide or admin; repeatable', collect)
    .option('--expires <when>', 'an instant, or a time from now such as 90d')
    .option(FILE_FLAG, FILE_HELP, TOKENS_FILE)
    .option('--json', 'print JSON', false)
    .addHelpText(
      'after',
      '\nExample:\n  outlay tokens create --tenant acme --expires 90d --file tokens.yaml\n  outlay tokens create --trusted our-app --tenant-prefix eu-',
    )
    .action(async (options: CreateOptions) => {
      const { createToken } = await import('@outlay/collector')
      const nowMs = systemClock.now()
      const { token, entry } = await createToken(fileFor(context, options.file), await parseNewToken(options, nowMs))
      const answer = answerToken(entry, nowMs)
      if (options.json) context.stdout.write(`${JSON.stringify({ token, ...answer }, null, 2)}\n`)
      else {
        context.stdout.write(`${token}\n`)
        const until = answer.expires_at === null ? 'It does not expire' : `It expires at ${answer.expires_at}`
        context.stderr.write(
          `Keep it: it is shown only now. ${describeBinding(answer)}; ${answer.scopes.join(', ')}. ${until}.\n`,
        )
      }
      exit(EXIT.done)
    })
}
