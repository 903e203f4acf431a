/** What `outlay verify` found, for people: every check with how much it looked at, then every finding with what to do. */
import type { CheckResult, Finding } from '@outlay/clickhouse'
import { CHECK_MEANINGS } from './check-meaning.ts'
import type { Verification } from './verify-ledger.ts'

const NAME_WIDTH = 12

const amountsOf = ({ checked }: CheckResult): string =>
  Object.entries(checked)
    .map(([what, count]) => `${count.toLocaleString('en')} ${what}`)
    .join(', ')

const lineOf = (result: CheckResult): string => {
  const verdict = result.found === 0 ? 'ok     ' : 'FINDING'
  const amounts = amountsOf(result)
  return `${verdict}  ${result.check.padEnd(NAME_WIDTH)} ${CHECK_MEANINGS[result.check]}${amounts === '' ? '' : ` (${amounts})`}`
}

const findingLines = ({ what, where, got, want, fix }: Finding): readonly string[] => [
  `  ${what}`,
  `    where  ${Object.entries(where)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')}`,
  `    got    ${got}`,
  `    want   ${want}`,
  `    do     ${fix}`,
]

const detailsOf = ({ check, found, findings }: CheckResult): readonly string[] => [
  '',
  `${check}: ${found.toLocaleString('en')} finding(s)${findings.length < found ? `, the first ${findings.length} of them` : ''}`,
  ...findings.flatMap(findingLines),
]

export const renderVerification = ({ database, from, to, found, checks }: Verification): string => {
  const range = from === null && to === null ? 'all of it' : `${from ?? 'the beginning'} to ${to ?? 'now'}`
  return [
    `Ledger ${database}, ${range}`,
    ...checks.map(lineOf),
    ...checks.filter((result) => result.found > 0).flatMap(detailsOf),
    '',
    found === 0 ? 'Nothing is wrong.' : `${found.toLocaleString('en')} finding(s).`,
  ].join('\n')
}
