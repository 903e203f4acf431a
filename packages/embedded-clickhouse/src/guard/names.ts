/** The databases of the product; the endpoint lets nobody create others. */
export const isLedgerDatabase = (name: string): boolean => /^outlay(_\w+)?$/.test(name)

const SYSTEM_TABLES = new Set([
  'tables',
  'columns',
  'databases',
  'parts',
  'dictionaries',
  'one',
  'numbers',
  'functions',
  'settings',
  'mutations',
  'merges',
  'data_skipping_indices',
  'table_functions',
  'build_options',
])

const CATALOGUES = new Set(['system', 'information_schema'])

/** A database whose tables describe the engine itself: names in it go by a list. */
export const isCatalogue = (database: string): boolean => CATALOGUES.has(database.toLowerCase())

/** False for a dotted name that reaches a catalogue table outside the list. */
export const isReadableName = (dotted: string): boolean => {
  const [first = '', second = ''] = dotted.split('.')
  if (!dotted.includes('.') || !isCatalogue(first)) return true
  return first === 'system' && SYSTEM_TABLES.has(second)
}

/** As above, for a name in table position: any other database than ours is refused too. */
export const isReadableTable = (dotted: string): boolean => {
  const parts = dotted.split('.')
  if (parts.length === 1) return true
  const [first = ''] = parts
  return isReadableName(dotted) && (isCatalogue(first) || first === 'default' || isLedgerDatabase(first))
}
