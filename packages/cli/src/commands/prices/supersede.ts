import type { BookHistory, RevisionNote } from '@outlay/clickhouse'
import { OutlayError } from '@outlay/core'
import { type NextBook, withoutContract, withoutRow } from '@outlay/pricing'
import type { Command } from 'commander'
import { changeBook } from '#src/book/change-book.ts'
import { withWriter, withWriterOptions, type WriterOptions } from '#src/book/open-book.ts'
import { changeJson, renderChange } from '#src/book/render-change.ts'
import { type CommandContext, EXIT } from '#src/command-context.ts'

interface SupersedeOptions extends WriterOptions {
  readonly reason: string
  readonly leaveGap: boolean
  readonly allowPast: boolean
  readonly dryRun: boolean
  readonly json: boolean
}

export const addSupersedeCommand = (prices: Command, context: CommandContext, exit: (code: number) => void): void => {
  withWriterOptions(
    prices
      .command('supersede <row>')
      .description('close one price row of the list, or a whole contract card; what was known before it holds again')
      .requiredOption('--reason <text>', 'why it is closed')
      .option('--leave-gap', 'leave the meter without a price in that time', false)
      .option('--allow-past', 'let prices change that calls were billed by already', false)
      .option('--dry-run', 'stage it only, as the book "staged"', false)
      .option('--json', 'print JSON', false),
  )
    .addHelpText(
      'after',
      '\nExample:\n  outlay prices show gpt-5 --book current --json   # row_id\n  outlay prices supersede 1234567890 --reason "the rise was cancelled"\n  outlay prices supersede tenant:acme --reason "contract ended"',
    )
    .action(async (row: string, options: SupersedeOptions) => {
      const { database, author, reason, allowPast, dryRun } = options
      const { kind, change } = changeOf(row, options)
      const result = await withWriter(context, options, (client) =>
        changeBook(client, {
          database,
          kind,
          author,
          reason,
          allowPast,
          apply: !dryRun,
          change,
          // What holds again may be older, less sure, or far from the row that is closed: that is why it is closed.
          waive: ['E_JUMP', 'E_GRADE', 'E_STALE', 'E_VANISHED'],
        }),
      )
      context.stdout.write(`${options.json ? changeJson(result) : renderChange(result)}\n`)
      exit(result.outcome === 'refused' ? EXIT.finding : EXIT.done)
    })
}

interface Closing {
  readonly kind: RevisionNote['kind']
  readonly change: (history: BookHistory) => NextBook
}

const changeOf = (row: string, { leaveGap }: SupersedeOptions): Closing => {
  if (/^\d{1,20}$/.test(row)) {
    const rowId = BigInt(row)
    return {
      kind: 'supersede',
      change: ({ recorded, latest }) => withoutRow(recorded, latest, { rowId, leaveGap }).next,
    }
  }
  if (row === 'operator' || /^(org|tenant|project):/.test(row)) {
    return { kind: 'contract', change: ({ recorded, latest }) => withoutContract(recorded, latest, row) }
  }
  throw new OutlayError('E_ROW', 'neither a row nor a card', {
    got: row,
    want: 'the row_id that `outlay prices show MODEL --book current --json` prints, or a card such as tenant:acme',
  })
}
