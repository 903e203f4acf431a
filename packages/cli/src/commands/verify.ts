/** `outlay verify`: the proof of the ledger. Reads only; a running collector is no hindrance. */
import { shardNote } from '@outlay/clickhouse'
import type { Command } from 'commander'
import { withReader } from '#src/book/open-book.ts'
import { type CommandContext, EXIT } from '#src/command-context.ts'
import { parseInstant } from '#src/parse-option.ts'
import { type RequirementOptions, requirementsOf, withRequirementOptions } from '#src/upkeep/requirements.ts'

interface VerifyOptions extends RequirementOptions {
  readonly from?: string
  readonly to?: string
  readonly idle: boolean
  readonly database: string
  readonly json: boolean
}

export const addVerifyCommand = (program: Command, context: CommandContext, exit: (code: number) => void): void => {
  const verify = program
    .command('verify')
    .description(
      'prove the ledger: entries against their laws, the eight targets against the ledger, every trace against its evidence; exit 1 if anything is found',
    )
    .option(
      '--from <time>',
      'entries and counters of calls from here on, evidence received from here on; ISO 8601 (default: all)',
    )
    .option('--to <time>', 'up to here, exclusive; ISO 8601 (default: all)')
    .option(
      '--idle',
      'no collector writes: every difference counts at once, and so does evidence that is not settled',
      false,
    )
    .option('--database <name>', 'database of the ledger', 'outlay')
  withRequirementOptions(verify)
    .option('--json', 'print JSON', false)
    .addHelpText('after', '\nExample:\n  outlay verify\n  outlay verify --from 2026-11-01 --to 2026-12-01 --json')
    .action(async ({ from, to, idle, database, json, ...asked }: VerifyOptions) => {
      const range = {
        from: from === undefined ? undefined : parseInstant(from, '--from'),
        to: to === undefined ? undefined : parseInstant(to, '--to'),
      }
      // It settles as the collector would: no other command should wait for that to load.
      const [{ verifyLedger }, { renderVerification }] = await Promise.all([
        import('#src/verify/verify-ledger.ts'),
        import('#src/verify/render-verification.ts'),
      ])
      const require = await requirementsOf(context, asked)
      const progress = progressOn(context)
      const { verification, note } = await withReader(context, database, async (client) => ({
        verification: await verifyLedger({
          client,
          database,
          ...range,
          idle,
          require,
          signal: context.stop,
          onProgress: progress.tell,
        }),
        note: await shardNote(client, database),
      })).finally(progress.end)
      context.stdout.write(`${json ? JSON.stringify(verification, null, 2) : renderVerification(verification)}\n`)
      if (note !== undefined) context.stderr.write(`${note}\n`)
      exit(verification.found === 0 ? EXIT.done : EXIT.finding)
    })
}

const CLEAR_LINE = '\r\u001B[K'

/** One line that says what is being checked, on a terminal only. */
const progressOn = ({ stderr }: CommandContext) => {
  const isShown = stderr.isTTY === true
  return {
    tell: (check: string, traces?: number): void => {
      if (isShown) stderr.write(`${CLEAR_LINE}checking ${check}${traces === undefined ? '' : `: ${traces} traces`}`)
    },
    end: (): void => {
      if (isShown) stderr.write(CLEAR_LINE)
    },
  }
}
