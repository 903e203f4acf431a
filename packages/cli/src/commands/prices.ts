import type { Command } from 'commander'
import type { CommandContext } from '#src/command-context.ts'
import { addAddCommand } from './prices/add.ts'
import { addCheckCommand } from './prices/check.ts'
import { addDiffCommand } from './prices/diff.ts'
import { addDriftCommand } from './prices/drift.ts'
import { addExplainCommand } from './prices/explain.ts'
import { addImportCommand, addUpdateCommand } from './prices/import.ts'
import { addListCommand } from './prices/list.ts'
import { addShowCommand } from './prices/show.ts'
import { addSupersedeCommand } from './prices/supersede.ts'
import { addWhatIfCommand } from './prices/what-if.ts'

export const addPricesCommand = (program: Command, context: CommandContext, exit: (code: number) => void): void => {
  const prices = program.command('prices').description('the price book: what a call costs and why')
  addExplainCommand(prices, context, exit)
  addShowCommand(prices, context, exit)
  addListCommand(prices, context, exit)
  addDiffCommand(prices, context, exit)
  addCheckCommand(prices, context, exit)
  addDriftCommand(prices, context, exit)
  addImportCommand(prices, context, exit)
  addUpdateCommand(prices, context, exit)
  addAddCommand(prices, context, exit)
  addSupersedeCommand(prices, context, exit)
  addWhatIfCommand(prices, context, exit)
}
