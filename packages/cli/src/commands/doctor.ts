/** `outlay doctor`: what a running ledger rests on, line by line, with what to do. */
import type { Command } from 'commander'
import { type CommandContext, EXIT } from '#src/command-context.ts'
import { DATA_DIRECTORY } from '#src/connection.ts'
import type { DoctorOptions } from '#src/doctor/run-doctor.ts'
import { withConfigOptions } from '#src/up/config-options.ts'

export const addDoctorCommand = (program: Command, context: CommandContext, exit: (code: number) => void): void => {
  const doctor = program
    .command('doctor')
    .description(
      'look at everything that a ledger rests on: configuration, versions, database, collector, log, disk, permissions, clocks; exit 1 on a problem',
    )
    .option('--data-dir <dir>', 'data directory of the collector', DATA_DIRECTORY)
    .option('--log <dir>', 'directory of its log (default: as configured, else wal in the data directory)')
  withConfigOptions(doctor)
    .option('--json', 'print JSON', false)
    .addHelpText(
      'after',
      '\nGive it the options that the collector was started with.\n\nExample:\n  outlay doctor\n  outlay doctor --config collector.yaml --data-dir /var/lib/outlay --json',
    )
    .action(async (options: DoctorOptions & { readonly json: boolean }) => {
      const [{ runDoctor }, { renderDiagnosis }] = await Promise.all([
        import('#src/doctor/run-doctor.ts'),
        import('#src/doctor/render-diagnosis.ts'),
      ])
      const diagnosis = await runDoctor(context, options)
      context.stdout.write(`${options.json ? JSON.stringify(diagnosis, null, 2) : renderDiagnosis(diagnosis)}\n`)
      exit(diagnosis.problems === 0 ? EXIT.done : EXIT.finding)
    })
}
