/** Strings that mean something to somebody who splices texts into SQL, into a literal of ClickHouse, or into our own templates. */
const SPLICED: readonly string[] = [
  "'",
  '"',
  '`',
  '\\',
  "\\'",
  "''",
  "x' OR '1'='1",
  "x' OR 1=1 --",
  "x') OR 1=1 /*",
  "'; DROP TABLE calls; --",
  '"; DROP TABLE calls; --',
  '`; DROP TABLE calls; --',
  "\\'; DROP TABLE calls; --",
  "x'; TRUNCATE TABLE spans; SELECT '",
  "x' UNION ALL SELECT name FROM system.tables --",
  "'||(SELECT name FROM system.tables LIMIT 1)||'",
  "' + sleepEachRow(3) + '",
  "' INTO OUTFILE '/tmp/outlay-injected' --",
  "x' FORMAT Native SETTINGS readonly = 0 --",
  "file('/etc/passwd')",
  "a','b",
  "['a','b']",
  '{tenant:String}',
  '{{db}}.calls',
  '${process.env.HOME}',
  '$$ heredoc $$',
  '\\x27 OR 1=1',
  '\\N',
  '%27%20OR%201%3D1',
  '\u02BC OR 1=1 --',
  '/* comment */ -- # comment',
  'NULL',
]

/** Each with its number in front, so that no two are folded into one and none is only whitespace. */
export const SQL_STRINGS: readonly string[] = SPLICED.map((text, n) => `${n}${text}`)

/** The ones that break most: for places that are asked one by one. */
export const WORST_STRINGS: readonly string[] = [
  "x'\"`\\'; DROP TABLE calls; --",
  "x') UNION ALL SELECT name FROM system.tables --",
]
