import { Command } from 'commander'
import type { CommandContext } from './command-context.ts'
import { addDoctorCommand } from './commands/doctor.ts'
import { addExplainCommand } from './commands/explain.ts'
import { addFactsCommand } from './commands/facts.ts'
import { addKpiCommand } from './commands/kpi.ts'
import { addMigrateCommand } from './commands/migrate.ts'
import { addNormalizeCommand } from './commands/normalize.ts'
import { addPlanCommand } from './commands/plan.ts'
import { addPricesCommand } from './commands/prices.ts'
import { addRebuildCommand } from './commands/rebuild.ts'
import { addReconcileCommand } from './commands/reconcile.ts'
import { addTokensCommand } from './commands/tokens.ts'
import { addReplayCommand } from './commands/replay.ts'
import { addUpCommand } from './commands/up.ts'
import { addVerifyCommand } from './commands/verify.ts'
import { outlayVersion } from './outlay-version.ts'

/** The command tree. `exit` receives the exit code of the command that ran. */
export const createProgram = (context: CommandContext, exit: (code: number) => void): Command => {
  const program = new Command('outlay')
    .description('Who and what is our AI spend for, to the cent.')
    .version(
      outlayVersion(),
      '-V, --version',
      'the version of this command; `outlay doctor` has those of all it works with',
    )
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void context.stderr.write(text),
    })
  addUpCommand(program, context, exit)
  addNormalizeCommand(program, context, exit)
  addKpiCommand(program, context, exit)
  addExplainCommand(program, context, exit)
  addPricesCommand(program, context, exit)
  addReconcileCommand(program, context, exit)
  addPlanCommand(program, context, exit)
  addFactsCommand(program, context, exit)
  addTokensCommand(program, context, exit)
  addMigrateCommand(program, context, exit)
  addDoctorCommand(program, context, exit)
  addVerifyCommand(program, context, exit)
  addRebuildCommand(program, context, exit)
  addReplayCommand(program, context, exit)
  return program
}
