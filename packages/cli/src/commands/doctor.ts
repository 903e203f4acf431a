/** `outlay doctor`: what a running ledger rests on, line by line, with what to do. */
import type { Command } from 'commander'
import { type CommandContext, EXIT } from '#src/command-context.ts'
import type { DoctorOptions } from '#src/doctor/run-doctor.ts'
import { parsePort } from '#src/parse-option.ts'
import { withLogOptions } from '#src/upkeep/upkeep-options.ts'

export const addDoctorCommand = (program: Command, context: CommandContext, exit: (code: number) => void): void => {
  const doctor = program
    .command('doctor')
    .description(
      'look at everything that a ledger rests on: configuration, versions, database, collector, log, disk, permissions, clocks; exit 1 on a problem',
    )
  withLogOptions(doctor)
    .option('--host <address>', 'address that the collector listens on', '127.0.0.1')
    .option('--otlp-port <port>', 'its OTLP/HTTP', parsePort, 4318)
    .option('--otlp-grpc-port <port>', 'its OTLP/gRPC', parsePort, 4317)
    .option('--admin-port <port>', 'its metrics and health', parsePort, 4319)
    .option('--json', 'print JSON', false)
    .addHelpText('after', '\nExample:\n  outlay doctor\n  outlay doctor --data-dir /var/lib/outlay --json')
    .action(async (options: DoctorOptions & { readonly json: boolean }, command: Command) => {
      const [{ runDoctor }, { renderDiagnosis }] = await Promise.all([
        import('#src/doctor/run-doctor.ts'),
        import('#src/doctor/render-diagnosis.ts'),
      ])
      const diagnosis = await runDoctor(context, options, command)
      context.stdout.write(`${options.json ? JSON.stringify(diagnosis, null, 2) : renderDiagnosis(diagnosis)}\n`)
      exit(diagnosis.problems === 0 ? EXIT.done : EXIT.finding)
    })
}
