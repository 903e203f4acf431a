/** `docs/reference/dialects.md`, built from the tables that settlement interprets. Nothing on the page is written twice. */
import {
  ALIAS_CHAINS,
  PROVIDER_AND_MODEL_KEYS,
  PROVIDER_KEYS,
  REQUEST_MODEL_KEYS,
  REQUEST_TIER_KEYS,
  RESPONSE_ID_KEYS,
  RESPONSE_MODEL_KEYS,
  RESPONSE_TIER_KEYS,
} from '#src/alias-chains.ts'
import { ATTRIBUTION_FIELDS, ATTRIBUTION_SOURCES, type AttributionSource } from '#src/attribution-sources.ts'
import { COST_SOURCES } from '#src/cost-sources.ts'
import type { Counter } from '#src/counters.ts'
import { describeMatch, describeMeaning, describeOverrides } from '#src/describe-rule.ts'
import type { DialectRule, NameRole, SpanRole } from '#src/dialect-rule.ts'
import { DIALECT_RULES, RULES_VERSION } from '#src/dialect-rules.ts'
import { FLAG_MEANINGS } from '#src/flag-meanings.ts'
import type { RawShape } from '#src/raw-shape.ts'
import { RAW_SHAPES } from '#src/raw-shapes.ts'
import {
  AI_OPERATION_KEYS,
  NAMES_LAST,
  type RoleSource,
  SOURCES_AFTER_AI_SDK,
  SOURCES_BEFORE_AI_SDK,
} from '#src/span-roles.ts'
import { RAW_USAGE_CARRIERS, USAGE_JSONS } from '#src/usage-carriers.ts'

const code = (text: string): string => `\`${text}\``
const codes = (texts: readonly string[]): string => texts.map(code).join(', ')

/** A bar would end the cell. */
const cell = (text: string): string => text.replaceAll('|', '\\|')

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n')

const BEGINNING = '1970-01-01'

const validityOf = ({ valid: { from, to } }: DialectRule): string => {
  if (from === BEGINNING) return to === null ? 'always' : `before ${to}`
  return to === null ? `from ${from}` : `${from} to ${to}`
}

const rules = (): string =>
  table(
    ['rule', 'valid', 'reads', 'meaning', 'beyond the general tables', 'evidence'],
    DIALECT_RULES.map((rule) => [
      code(`${rule.id}@${rule.rev}`),
      validityOf(rule),
      describeMatch(rule).join('; or '),
      describeMeaning(rule.meaning).join('; '),
      describeOverrides(rule).join('; '),
      rule.evidence,
    ]),
  )

const COUNTER_NAMES: Readonly<Record<Counter, string>> = {
  input: 'input, with or without caches',
  output: 'output, with or without reasoning',
  total: 'total',
  cacheRead: 'cache read',
  cacheWrite: 'cache write',
  write5m: 'cache write, 5 minutes',
  write30m: 'cache write, 30 minutes',
  write1h: 'cache write, 1 hour',
  write12h: 'cache write, 12 hours',
  reasoning: 'reasoning',
  audioInput: 'audio input',
  imageInput: 'image input',
  videoInput: 'video input',
  cachedAudio: 'cached audio',
  cachedImage: 'cached image',
  cachedVideo: 'cached video',
  audioOutput: 'audio output',
  imageOutput: 'image output',
  uncachedInput: 'input without caches, as an explicit split',
  toolUseInput: 'input of tools that the provider ran',
  pages: 'pages',
}

const aliases = (): string =>
  table(
    ['counter', 'names, in order'],
    (Object.entries(ALIAS_CHAINS) as [Counter, readonly string[]][]).map(([counter, keys]) => [
      COUNTER_NAMES[counter],
      codes(keys),
    ]),
  )

const selectors = (): string =>
  table(
    ['selector', 'names, in order'],
    [
      ['provider', `${codes(PROVIDER_KEYS)}, before the slash of ${codes(PROVIDER_AND_MODEL_KEYS)}`],
      ['request model', `${codes(REQUEST_MODEL_KEYS)}, after the slash of ${codes(PROVIDER_AND_MODEL_KEYS)}`],
      ['response model', codes(RESPONSE_MODEL_KEYS)],
      ['response id', codes(RESPONSE_ID_KEYS)],
      ['service tier, as served, then as requested', codes([...RESPONSE_TIER_KEYS, ...REQUEST_TIER_KEYS])],
      [
        'reported cost, evidence only',
        codes(COST_SOURCES.map(({ key, jsonKey }) => (jsonKey === undefined ? key : `${key}: ${jsonKey}`))),
      ],
    ],
  )

const roleText = (role: SpanRole): string => role.replaceAll('_', ' ')

const valuesByRole = (roles: Readonly<Record<string, SpanRole>>): string =>
  [...Map.groupBy(Object.entries(roles), ([, role]) => role)]
    .map(([role, entries]) => `${roleText(role)}: ${codes(entries.map(([value]) => value))}`)
    .join('; ')

const roleRow = ({ key, roles, otherwise }: RoleSource): readonly string[] => [
  code(key),
  valuesByRole(roles),
  otherwise === undefined ? 'says nothing' : roleText(otherwise),
]

const nameRow = ({ name, role, scope }: NameRole & { readonly scope?: string }): readonly string[] => [
  `span name ${code(name)}${scope === undefined ? '' : ` of scope ${code(scope)}`}`,
  roleText(role),
  'says nothing',
]

const classification = (): string =>
  table(
    ['source, in order', 'what its values say', 'any other value'],
    [
      ['names that the rule of the span overrides', 'see the rules above', 'says nothing'],
      ...SOURCES_BEFORE_AI_SDK.map(roleRow),
      [
        `${codes(AI_OPERATION_KEYS)}, first word, if it begins with ${code('ai.')}`,
        `leaf: the last step begins with ${code('do')} (${code('doEmbed')}, ${code('doRerank')}: leaf without output); tool: ${code('ai.toolCall')}; container: every other step`,
        'says nothing',
      ],
      ...SOURCES_AFTER_AI_SDK.map(roleRow),
      ...NAMES_LAST.map(nameRow),
      ['nothing spoke', 'unknown: billed if it has usage and no leaf is around it', ''],
    ],
  )

const sourceText = ({ key, when, word }: AttributionSource): string => {
  if (when !== undefined) return `${code(key)} where ${code(when[0])} = ${code(when[1])}`
  return word === undefined ? code(key) : `word ${word} of ${code(key)}`
}

const attribution = (): string =>
  table(
    ['field', 'span attributes, in order', 'resource attributes'],
    ATTRIBUTION_FIELDS.map((field) => {
      const { sources, resourceKeys, resource } = ATTRIBUTION_SOURCES[field]
      const when = resource === 'before_ancestors' ? 'before ancestors' : 'after ancestors'
      return [
        field.replace(/Text$/, '').replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
        sources.map(sourceText).join(', '),
        resourceKeys.length === 0 ? '' : `${codes(resourceKeys)} (${when})`,
      ]
    }),
  )

const flags = (): string =>
  table(
    ['flag', 'meaning'],
    Object.entries(FLAG_MEANINGS).map(([flag, meaning]) => [code(flag), meaning]),
  )

const PRECEDENCE = {
  first: 'before the names above',
  if_no_input: 'only where no name above gave the input count',
} as const

const carriers = (): string =>
  table(
    ['attribute', 'place in the JSON', 'believed'],
    [
      ...RAW_USAGE_CARRIERS.flatMap(({ key, subtrees }) =>
        subtrees.map(({ path, provider }) => [
          code(key),
          path === '' ? 'all of it' : code(path),
          `before everything, as the usage object of ${provider === '' ? 'the provider that answered' : code(provider)}`,
        ]),
      ),
      ...USAGE_JSONS.map(({ key, path, precedence, closed }) => [
        code(key),
        path === '' ? 'all of it' : code(path),
        `${PRECEDENCE[precedence]}${closed ? '; an unknown key or a total that explains nothing is a conflict' : ''}`,
      ]),
    ],
  )

const REASONING: Readonly<Record<RawShape['reasoning'], string>> = {
  inside: 'in the output',
  outside: 'beside the output',
  by_total: 'the total tells',
  from_total: 'the output is what the total leaves beside the input',
}

const countersOf = ({
  counters,
  units = {},
  unmapped = [],
  ttlListPath,
  outputList,
  iterationsPath,
}: RawShape): string =>
  [
    ...Object.entries(counters).map(([counter, paths]) => `${COUNTER_NAMES[counter as Counter]}: ${codes(paths)}`),
    ...Object.entries(units).map(([unit, paths]) => `${unit}: ${codes(paths)}`),
    ...(ttlListPath === undefined ? [] : [`cache writes by time to live: ${code(ttlListPath)}`]),
    ...(outputList === undefined ? [] : [`output of each answer: ${code(`${outputList.path}.${outputList.count}`)}`]),
    ...(iterationsPath === undefined ? [] : [`rows of their own: ${code(iterationsPath)}`]),
    ...(unmapped.length === 0 ? [] : [`without a meter: ${codes(unmapped)}`]),
  ].join('; ')

const objects = (): string =>
  table(
    ['object', 'input contains caches', 'reasoning', 'counters'],
    RAW_SHAPES.map((shape) => [
      code(shape.id),
      shape.cacheInInput ? 'yes' : 'no',
      REASONING[shape.reasoning],
      countersOf(shape),
    ]),
  )

/** The page. Equal on every run; a test holds the committed file to it. */
export const buildDialectsPage = (): string => `# Dialects: what the numbers of each emitter mean

Generated from \`packages/semconv/src\` by \`npm run generate\`; rules version ${code(RULES_VERSION)}. Change the tables, not
this page. \`outlay normalize FILE --table\` shows what they make of your spans, \`outlay explain call SPAN\` which rule read
a call and what it read.

## Rules

The rule of a span says what the counters of its emitter mean. It is found by scope and version, then scope and attributes,
then scope, then attributes, then the rule of any span; among several the more literal scope wins, then the earlier row.
Days are UTC and compared with the start of the span where the rule does not ask for a version. Every row of the ledger
names its rule as \`id@rev\`. The numbers of a single span may prove a rule wrong: then they win, and the row is flagged.

${rules()}

## Names of counters

The first name that is present wins and names are never added up: many emitters write one count under several names.

${aliases()}

${selectors()}

## JSON carriers

${carriers()}

## Usage objects of providers

Keys are compared after folding to snake_case. Recognised by the host, then the provider, then keys that only one of them
writes.

${objects()}

## What a span is

The first source that speaks decides. **leaf**: one model call, billed; of nested ones the innermost. **leaf without
output**: a call that reports input only. **aggregate**: a sum, billed only where no call was seen around it.
**container**: a sum that is never billed. **tool** and **inert** carry nothing that is billed.

${classification()}

## Attribution

The first present value wins: on the span, then its nearest ancestor, then other records of the same call. Own names may
also stand on the resource.

${attribution()}

## Quality flags

${flags()}
`
