/** Just enough of SQL's lexical rules to find comments, closing parentheses and arguments outside quoted text. */

/** Index after the quoted region that starts at `start`; the end of the text when it never closes. */
const quotedEnd = (sql: string, start: number): number => {
  const quote = sql[start]
  for (let at = start + 1; at < sql.length; at++) {
    if (sql[at] === '\\') at++
    else if (sql[at] === quote) return at + 1
  }
  return sql.length
}

const isQuote = (character: string | undefined): boolean => character === "'" || character === '"' || character === '`'

/** Without `--` and block comments; quoted text stays as it is. */
export const stripComments = (sql: string): string => {
  let kept = ''
  let at = 0
  while (at < sql.length) {
    if (isQuote(sql[at])) {
      const end = quotedEnd(sql, at)
      kept += sql.slice(at, end)
      at = end
    } else if (sql.startsWith('--', at)) {
      const newline = sql.indexOf('\n', at)
      at = newline < 0 ? sql.length : newline
    } else if (sql.startsWith('/*', at)) {
      const close = sql.indexOf('*/', at + 2)
      at = close < 0 ? sql.length : close + 2
    } else {
      kept += sql[at]
      at++
    }
  }
  return kept
}

/** Index of the parenthesis that closes the one at `open`; -1 when there is none at `open` or it never closes. */
export const closingParenthesis = (sql: string, open: number): number => {
  if (sql[open] !== '(') return -1
  let depth = 0
  for (let at = open; at < sql.length; at++) {
    if (isQuote(sql[at])) at = quotedEnd(sql, at) - 1
    else if (sql[at] === '(') depth++
    else if (sql[at] === ')' && --depth === 0) return at
  }
  return -1
}

/** The arguments of a list, split at its own commas and trimmed. An empty list has none. */
export const splitArguments = (list: string): string[] => {
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (let at = 0; at < list.length; at++) {
    const character = list[at] ?? ''
    if (isQuote(character)) at = quotedEnd(list, at) - 1
    else if ('([{'.includes(character)) depth++
    else if (')]}'.includes(character)) depth--
    else if (character === ',' && depth === 0) {
      parts.push(list.slice(start, at))
      start = at + 1
    }
  }
  parts.push(list.slice(start))
  const trimmed = parts.map((part) => part.trim())
  return trimmed.length === 1 && trimmed[0] === '' ? [] : trimmed
}
