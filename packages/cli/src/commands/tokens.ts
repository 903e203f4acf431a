import type { Command } from 'commander'
import type { CommandContext } from '#src/command-context.ts'
import { addCreateCommand } from './tokens/create.ts'
import { addListCommand } from './tokens/list.ts'
import { addRevokeCommand } from './tokens/revoke.ts'

export const addTokensCommand = (program: Command, context: CommandContext, exit: (code: number) => void): void => {
  const tokens = program.command('tokens').description('tokens of senders: who may send, and for whom')
  addCreateCommand(tokens, context, exit)
  addListCommand(tokens, context, exit)
  addRevokeCommand(tokens, context, exit)
}
