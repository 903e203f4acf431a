/** `processors.redact.mode: off`: said at every start and reload, above every log level, because nothing takes it back. */
import type { ConfigValues } from '@outlay/collector'
import type { OperatorLog } from './operator-log.ts'

export const CONTENT_KEPT =
  'prompts and outputs are kept: they are written to the log on disk, to the table spans, and sent to the mirror'

/** Undefined while content is taken out. */
export const contentWarningOf = ({ redactMode }: Pick<ConfigValues, 'redactMode'>): string | undefined =>
  redactMode === 'off'
    ? `WARNING: processors.redact.mode is off, ${CONTENT_KEPT}. Set it to carriers unless that is what you want.`
    : undefined

export const warnOfContent = (values: ConfigValues, log: OperatorLog): void => {
  const warning = contentWarningOf(values)
  if (warning !== undefined) log(warning, 'error')
}
