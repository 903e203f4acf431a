import type { Line } from './diagnosis.ts'
import type { Diagnosis } from './run-doctor.ts'

const NAME_WIDTH = 26
const STATUS_WIDTH = 8

const linesOf = ({ area, what, status, said, fix }: Line): readonly string[] => [
  `${status.padEnd(STATUS_WIDTH)} ${`${area}: ${what}`.padEnd(NAME_WIDTH)} ${said}`,
  ...(fix === '' ? [] : [`${' '.repeat(STATUS_WIDTH)} ${' '.repeat(NAME_WIDTH)} → ${fix}`]),
]

export const renderDiagnosis = ({ configuration, lines, problems, warnings }: Diagnosis): string =>
  [
    'Configuration in effect',
    ...configuration.map(({ name, value, origin }) => `  ${name.padEnd(NAME_WIDTH)} ${value}  (${origin})`),
    '',
    ...lines.flatMap(linesOf),
    '',
    problems + warnings === 0 ? 'All is well.' : `${problems} problem(s), ${warnings} warning(s).`,
  ].join('\n')
