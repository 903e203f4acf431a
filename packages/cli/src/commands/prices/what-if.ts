import { bookNamed, CURRENT_BOOK, defineWhatIfBook, readStoredBooks, readWhatIfBooks } from '@outlay/clickhouse'
import { OutlayError, systemClock } from '@outlay/core'
import { assertOverridesMeet, overrideCells, parseWhatIf, type WhatIfDefinition } from '@outlay/pricing'
import type { Command } from 'commander'
import { bookTables, compileNow, withWriter, withWriterOptions, type WriterOptions } from '#src/book/open-book.ts'
import { type CommandContext, EXIT } from '#src/command-context.ts'
import { readTextFile } from '#src/read-file.ts'

interface WhatIfOptions extends WriterOptions {
  readonly base: string
  readonly file?: string
  readonly where?: string
  readonly times?: string
  readonly price?: string
  readonly asProvider?: string
  readonly asModel?: string
  readonly asTier?: string
  readonly drop: boolean
  readonly reason: string
  readonly json: boolean
}

export const addWhatIfCommand = (prices: Command, context: CommandContext, exit: (code: number) => void): void => {
  withWriterOptions(
    prices
      .command('what-if [name]')
      .description('define a book that asks what if, for --book of every view; without a name, list them')
      .option('--base <book>', 'book that it changes', CURRENT_BOOK)
      .option('--where <cells>', 'cells that change, such as provider=anthropic,meter=cache_read')
      .option('--times <factor>', 'what those cells are multiplied with, such as 0.5')
      .option('--price <decimal>', 'or what they cost instead')
      .option('--as-provider <name>', 'price every call as one of this provider')
      .option('--as-model <name>', 'price every call as this model: same counters, other sheet')
      .option('--as-tier <name>', 'price every call in this tier')
      .option('--file <path>', 'or a JSON definition with several cells')
      .option('--drop', 'forget the book', false)
      .option('--reason <text>', 'why', '')
      .option('--json', 'print JSON', false),
  )
    .addHelpText(
      'after',
      '\nExample:\n  outlay prices what-if half-cache --where provider=anthropic,meter=cache_read --times 0.5\n  outlay kpi --book half-cache\n  outlay prices what-if all-batch --as-tier batch',
    )
    .action(async (name: string | undefined, options: WhatIfOptions) => {
      const text = await withWriter(context, options, async (client) => {
        if (name === undefined) return render(await readWhatIfBooks(client, options.database), options.json)
        const definition = options.drop ? undefined : await definitionOf(context, options)
        const { base, author, reason, database } = options
        if (definition !== undefined) {
          const books = await readStoredBooks(client, database, bookTables())
          const book = bookNamed(books, base).read()
          assertOverridesMeet(book, definition.cells)
          overrideCells(book, definition.cells)
        }
        await defineWhatIfBook(
          client,
          database,
          { name, base, definition },
          { author, reason, atMs: systemClock.now() },
        )
        await compileNow(client, database)
        const defined = (await readWhatIfBooks(client, database)).filter((book) => book.name === name)
        return render(defined, options.json)
      })
      context.stdout.write(`${text}\n`)
      exit(EXIT.done)
    })
}

const render = (books: Awaited<ReturnType<typeof readWhatIfBooks>>, json: boolean): string => {
  if (json) return JSON.stringify(books, null, 2)
  if (books.length === 0) return 'No what-if book.'
  return books.map(({ name, base, definition }) => `${name}  on ${base}  ${JSON.stringify(definition)}`).join('\n')
}

const definitionOf = async (context: CommandContext, options: WhatIfOptions): Promise<WhatIfDefinition> => {
  if (options.file !== undefined) return parseWhatIf(parseJson(options.file, await readTextFile(context, options.file)))
  const cells = cellsOf(options)
  const as = {
    ...(options.asProvider === undefined ? {} : { provider: options.asProvider }),
    ...(options.asModel === undefined ? {} : { model: options.asModel }),
    ...(options.asTier === undefined ? {} : { tier: options.asTier }),
  }
  if (cells.length === 0 && Object.keys(as).length === 0) {
    throw new OutlayError('E_WHAT_IF', 'nothing is different in this book', {
      fix: 'add --where … --times 0.5, or --as-model, or --as-tier',
    })
  }
  return parseWhatIf({ cells, ...(Object.keys(as).length === 0 ? {} : { as }) })
}

const cellsOf = ({ where, times, price }: WhatIfOptions): readonly object[] => {
  if (where === undefined && times === undefined && price === undefined) return []
  if (where === undefined || (times === undefined) === (price === undefined)) {
    throw new OutlayError('E_WHAT_IF', 'cells need --where, and either --times or --price')
  }
  const pairs = where.split(',').map((pair) => {
    const [key = '', value] = pair.split('=')
    return [key.trim(), key.trim() === 'band' ? Number(value) : value?.trim()] as const
  })
  return [{ where: Object.fromEntries(pairs), to: times === undefined ? { price } : { times } }]
}

const parseJson = (file: string, text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new OutlayError('E_WHAT_IF', 'not JSON', { where: file, cause })
  }
}
