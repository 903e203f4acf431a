import type { BookHistory, RevisionNote } from '@outlay/clickhouse'
import { OutlayError } from '@outlay/core'
import {
  addToList,
  type BookData,
  cardOf,
  compileOverlay,
  loadPackagedBook,
  type NextBook,
  readEdition,
  withContract,
  withEdition,
  closedByHand,
} from '@outlay/pricing'
import type { Command } from 'commander'
import { changeBook } from '#src/book/change-book.ts'
import { withWriter, withWriterOptions, type WriterOptions } from '#src/book/open-book.ts'
import { changeJson, renderChange } from '#src/book/render-change.ts'
import { type CommandContext, EXIT } from '#src/command-context.ts'
import { parseDay } from '#src/parse-option.ts'
import { readTextFile } from '#src/read-file.ts'

interface ImportOptions extends WriterOptions {
  readonly file?: string
  readonly apply: boolean
  readonly reason: string
  readonly allowPast: boolean
  readonly checkedAt?: string
  readonly json: boolean
}

/** What a file is, and how it changes the book. */
interface Candidate {
  readonly kind: RevisionNote['kind']
  readonly change: (history: BookHistory) => NextBook
  readonly notes: readonly string[]
}

const withImportOptions = (command: Command): Command =>
  withWriterOptions(command)
    .option('--apply', 'apply it as a new revision; without it the change is only staged', false)
    .option('--reason <text>', 'why; needed with --apply', '')
    .option('--allow-past', 'let prices change that calls were billed by already', false)
    .option('--checked-at <date>', 'day on which a feed was downloaded')
    .option('--json', 'print JSON', false)

export const addImportCommand = (prices: Command, context: CommandContext, exit: (code: number) => void): void => {
  withImportOptions(
    prices
      .command('import [file]')
      .description('stage a price file: an overlay or a contract (YAML), a price-rows.json, or the genai-prices feed')
      .option('--file <path>', 'the same as the argument'),
  )
    .addHelpText(
      'after',
      '\nExample:\n  outlay prices import contracts/acme.yaml\n  outlay prices import contracts/acme.yaml --apply --reason "signed on 2026-11-01"',
    )
    .action(async (path: string | undefined, options: ImportOptions) => {
      const file = path ?? options.file
      if (file === undefined) {
        throw new OutlayError('E_FILE', 'no file to import', { fix: 'outlay prices import FILE' })
      }
      await run(context, exit, options, await candidateOf(context, file, options))
    })
}

export const addUpdateCommand = (prices: Command, context: CommandContext, exit: (code: number) => void): void => {
  withImportOptions(
    prices
      .command('update')
      .description('stage a new edition of the public list: the one of this installation, or a downloaded feed')
      .option('--file <path>', 'a downloaded genai-prices feed, or a price-rows.json; needs no network'),
  )
    .addHelpText('after', '\nExample:\n  outlay prices update --file feed.json --checked-at 2026-11-21')
    .action(async (options: ImportOptions) => {
      const candidate =
        options.file === undefined
          ? editionOf(loadPackagedBook(), [])
          : editionFile(options.file, await readTextFile(context, options.file), options)
      await run(context, exit, options, candidate)
    })
}

const candidateOf = async (context: CommandContext, file: string, options: ImportOptions): Promise<Candidate> => {
  const text = await readTextFile(context, file)
  if (!/\.ya?ml$/.test(file)) return editionFile(file, text, options)
  const card = cardOf({ file, text })
  if (card !== undefined) {
    return {
      kind: 'contract',
      notes: [],
      change: ({ recorded, latest }) => withContract(recorded, latest, { card, file, text }),
    }
  }
  return {
    kind: 'overlay',
    notes: [],
    change: ({ recorded, latest }) => addToList(recorded, latest, compileOverlay({ file, text }, recorded)),
  }
}

const editionFile = (file: string, text: string, { checkedAt }: ImportOptions): Candidate => {
  const day = checkedAt === undefined ? {} : { checkedAt: parseDay(checkedAt, '--checked-at') }
  const { book, notes } = readEdition({ file, text, ...day })
  return editionOf(book, notes)
}

const editionOf = (edition: BookData, notes: readonly string[]): Candidate => ({
  kind: 'edition',
  notes,
  change: ({ recorded, latest, revisions }) => {
    const byHand = revisions.filter(({ kind }) => kind === 'supersede').map(({ revision }) => revision)
    return withEdition(recorded, latest, { edition, closedByHand: closedByHand(recorded, byHand) })
  },
})

const run = async (
  context: CommandContext,
  exit: (code: number) => void,
  options: ImportOptions,
  { kind, change, notes }: Candidate,
): Promise<void> => {
  const { database, author, apply, reason, allowPast } = options
  const result = await withWriter(context, options, (client) =>
    changeBook(client, { database, kind, author, reason, change, apply, allowPast }),
  )
  context.stdout.write(`${options.json ? changeJson(result, notes) : renderChange(result, notes)}\n`)
  exit(result.outcome === 'refused' ? EXIT.finding : EXIT.done)
}
