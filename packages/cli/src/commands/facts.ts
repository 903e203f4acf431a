import type { Command } from 'commander'
import type { CommandContext } from '#src/command-context.ts'
import { addListCommand } from './facts/list.ts'
import { addLoadCommand } from './facts/load.ts'

export const addFactsCommand = (program: Command, context: CommandContext, exit: (code: number) => void): void => {
  const facts = program.command('facts').description('what you tell the ledger: tenants, users, tiers, revenue, …')
  addLoadCommand(facts, context, exit)
  addListCommand(facts, context, exit)
}
