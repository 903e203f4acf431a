import { systemClock } from '@outlay/core'
import { type BookFinding, checkBook, loadPackagedBook } from '@outlay/pricing'
import type { Command } from 'commander'
import { type CommandContext, EXIT } from '#src/command-context.ts'

const MS_PER_SECOND = 1_000

export const addCheckCommand = (prices: Command, context: CommandContext, exit: (code: number) => void): void => {
  prices
    .command('check')
    .description(
      'sanity of the packaged book: gaps, overdue reviews, assumed prices, odd cells; exit 1 if anything is found',
    )
    .option('--json', 'print JSON', false)
    .addHelpText('after', '\nExample:\n  outlay prices check')
    .action(({ json }: { readonly json: boolean }) => {
      const book = loadPackagedBook()
      const findings = checkBook(book, { now: Math.floor(systemClock.now() / MS_PER_SECOND) })
      context.stdout.write(json ? `${JSON.stringify(findings, null, 2)}\n` : `${render(findings, book.edition)}\n`)
      exit(findings.length === 0 ? EXIT.done : EXIT.finding)
    })
}

const render = (findings: readonly BookFinding[], edition: string): string => {
  const lines = findings.map(({ kind, where, what }) => `${kind}  ${where}: ${what}`)
  return [...lines, `${findings.length} finding(s) in the edition of ${edition}`].join('\n')
}
