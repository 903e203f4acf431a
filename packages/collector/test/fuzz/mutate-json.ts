/** One JSON request → text that is another one, a strange one, or none. */
import type { Random } from './random.ts'

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

export type JsonMutation = (text: string, random: Random, others: readonly string[]) => string

const cut: JsonMutation = (text, random) => text.slice(0, random.below(text.length))

const CHARACTERS = ['"', '{', '}', '[', ']', ',', ':', '\\', '\u0000', '\ud800', '9', '-', 'e', '\u{1f600}']
const inserted: JsonMutation = (text, random) => {
  const at = random.below(text.length)
  return `${text.slice(0, at)}${random.pick(CHARACTERS)}${text.slice(at + random.below(2))}`
}

const joined: JsonMutation = (text, random, others) => {
  const other = random.pick(others)
  return `${text.slice(0, random.below(text.length))}${other.slice(random.below(other.length))}`
}

const DEEP = 5_000
/** Written as text, since some of it is no value of JavaScript. */
const VALUES: readonly string[] = [
  'null',
  'true',
  '[]',
  '{}',
  '""',
  '"canary sings in the wrong place"',
  '-1',
  '0.5',
  '1e400',
  '9007199254740993',
  '18446744073709551615',
  '"18446744073709551616"',
  '-9223372036854775808',
  '"NaN"',
  '"-Infinity"',
  '"\\ud800"',
  '"\\u0000"',
  '"zz"',
  '"0"',
  '"AAAAAAAAAAAAAAAAAAAAAA=="',
  '{"__proto__":{"x":1}}',
  '{"stringValue":"a","intValue":1}',
  '{"arrayValue":{"values":[{"kvlistValue":{"values":[{"key":"k"}]}}]}}',
  '["canary sings"]',
  JSON.stringify('long '.repeat(2_000)),
  `${'{"arrayValue":{"values":['.repeat(40)}${']}}'.repeat(40)}`,
  `${'['.repeat(DEEP)}${']'.repeat(DEEP)}`,
]

const NAMES = ['__proto__', 'constructor', 'trace_id', 'traceId', 'spanId', 'key', 'value', 'stringValue', 'spans', 'x']

const MARK = '\u0001outlay fuzz\u0001'

/** Changes one place of the tree; `change` gets the text of what stands there. */
const inTree =
  (change: (value: Json, random: Random) => string): JsonMutation =>
  (text, random) => {
    let replacement = ''
    const visit = (value: Json): Json => {
      const names = typeof value === 'object' && value !== null ? Object.keys(value) : []
      if (names.length === 0 || random.chance(8)) {
        replacement = change(value, random)
        return MARK
      }
      const name = random.pick(names)
      if (Array.isArray(value)) return value.map((item: Json, at) => (String(at) === name ? visit(item) : item))
      const object = value as { readonly [key: string]: Json }
      return { ...object, [name]: visit(object[name] ?? null) }
    }
    const whole = JSON.stringify(visit(JSON.parse(text) as Json))
    return whole.replace(JSON.stringify(MARK), () => replacement)
  }

const replaced = inTree((_, random) => random.pick(VALUES))

const repeated = inTree((value, random) => {
  const text = JSON.stringify(value)
  const times = random.chance(30) ? random.between(2, Math.max(2, Math.floor(50_000 / text.length))) : 2
  return `[${Array.from({ length: times }, () => text).join(',')}]`
})

const added = inTree((value, random) => {
  const text = JSON.stringify(value)
  if (!text.startsWith('{')) return random.pick(VALUES)
  const entry = `${JSON.stringify(random.pick(NAMES))}:${random.pick(VALUES)}`
  return text === '{}' ? `{${entry}}` : `{${entry},${text.slice(1)}`
})

const renamed = inTree((value, random) => {
  const text = JSON.stringify(value)
  return text.replace(/"(\w+)":/, () => `${JSON.stringify(random.pick(NAMES))}:`)
})

export const JSON_MUTATIONS: Readonly<Record<string, JsonMutation>> = {
  cut,
  inserted,
  joined,
  replaced,
  repeated,
  added,
  renamed,
}
