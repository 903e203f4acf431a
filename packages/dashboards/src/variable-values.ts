/** What Grafana puts in place of `${name}` and `${name:singlequote}` before a query leaves the browser. */

/** `'all'` = the All entry; a list = chosen values; a text = a single-valued variable. */
type VariableValue = 'all' | readonly string[]
export type VariableValues = Readonly<Record<string, VariableValue>>

/** What All sends: Grafana inserts a custom all value as it is, without the format. */
export const ALL_VALUE = "'*'"

const REFERENCE = /\$\{(\w+)(?::(\w+))?\}/g

/** Escapes the quote only, as Grafana does: a backslash goes through. */
const singleQuoted = (value: string): string => `'${value.replaceAll("'", "\\'")}'`

/** Replaces the references. A variable without a value, or with an unknown format, is a programmer's error. */
export const substituteVariables = (sql: string, values: VariableValues): string =>
  sql.replaceAll(REFERENCE, (reference, name: string, format: string | undefined) => {
    const value = values[name]
    if (value === undefined) throw new Error(`BUG: no value for ${reference}`)
    if (value === 'all') return ALL_VALUE
    if (format === 'singlequote') return value.map(singleQuoted).join(',')
    if (format === undefined) return value.join(',')
    throw new Error(`BUG: unknown format in ${reference}`)
  })
