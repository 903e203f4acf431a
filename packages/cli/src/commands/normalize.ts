/** `outlay normalize`: what the ledger would say about spans in a file. Needs no database and posts nothing. */
import type { Command } from 'commander'
import { bookTables } from '#src/book/open-book.ts'
import { type CommandContext, EXIT } from '#src/command-context.ts'
import { readBytes } from '#src/read-file.ts'
import { renderEntries } from './normalize/render-entries.ts'
import { normalizeAnswer, type NormalizeAnswer } from './normalize/trace-entries.ts'

interface NormalizeOptions {
  readonly table: boolean
}

export const addNormalizeCommand = (program: Command, context: CommandContext, exit: (code: number) => void): void => {
  program
    .command('normalize <file...>')
    .description(
      'what the ledger would say about the spans of OTLP files, settled together: JSON or protobuf, one request or one per line, gzip or not; `-` reads stdin; exit 1 if spans were rejected',
    )
    .option('--table', 'print a table for people', false)
    .option('--json', 'accepted for symmetry: the answer is JSON unless --table is given', true)
    .addHelpText(
      'after',
      '\nExample:\n  outlay normalize traces.json --table\n  curl -s https://example.test/traces.pb | outlay normalize -',
    )
    .action(async (paths: readonly string[], { table }: NormalizeOptions) => {
      const files = []
      for (const path of paths)
        files.push({ name: path === '-' ? 'stdin' : path, bytes: await readBytes(context, path) })
      // It settles as the collector would: no other command should wait for that to load.
      const { normalizeTraces } = await import('@outlay/collector')
      const answer = normalizeAnswer(normalizeTraces(files, bookTables()))
      for (const text of table ? [renderEntries(answer), '\n'] : jsonTexts(answer)) context.stdout.write(text)
      for (const note of notesOf(answer)) context.stderr.write(`${note}\n`)
      exit(Object.keys(answer.summary.rejected_spans).length > 0 ? EXIT.finding : EXIT.done)
    })
}

const INDENT = '    '

/** The answer in pieces: of a large file it may be longer than a string can be. */
function* jsonTexts({ entries, summary }: NormalizeAnswer): Generator<string> {
  yield '{\n  "entries": ['
  for (const [position, entry] of entries.entries()) {
    yield `${position === 0 ? '' : ','}\n${INDENT}${JSON.stringify(entry, null, 2).replaceAll('\n', `\n${INDENT}`)}`
  }
  yield `${entries.length === 0 ? '' : '\n  '}],\n  "summary": ${JSON.stringify(summary, null, 2).replaceAll('\n', '\n  ')}\n}\n`
}

const countsOf = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([reason, count]) => `${reason} ${count}`)
    .join(', ')

/** What is in the files and in no entry. */
const notesOf = ({ summary }: NormalizeAnswer): string[] => {
  const { rejected_spans, other_signals, redacted } = summary
  const dropped = redacted['user_id_dropped'] ?? 0
  return [
    ...(Object.keys(rejected_spans).length === 0 ? [] : [`Rejected, as on receipt: ${countsOf(rejected_spans)}.`]),
    ...(other_signals === 0 ? [] : [`Left out: ${other_signals} line(s) with logs, metrics or profiles.`]),
    ...(dropped === 0 ? [] : [`Raw user ids dropped: ${dropped}; a collector without a key does the same.`]),
  ]
}
