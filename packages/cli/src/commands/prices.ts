import type { Command } from 'commander'
import type { CommandContext } from '#src/command-context.ts'
import { addAddCommand } from './prices/add.ts'
import { addCheckCommand } from './prices/check.ts'
import { addDiffCommand } from './prices/diff.ts'
import { addExplainCommand } from './prices/explain.ts'
import { addListCommand } from './prices/list.ts'
import { addShowCommand } from './prices/show.ts'

export const addPricesCommand = (program: Command, context: CommandContext, exit: (code: number) => void): void => {
  const prices = program.command('prices').description('the price book: what a call costs and why')
  addExplainCommand(prices, context, exit)
  addShowCommand(prices, context, exit)
  addListCommand(prices, context, exit)
  addDiffCommand(prices, context, exit)
  addCheckCommand(prices, context, exit)
  addAddCommand(prices, context, exit)
}
