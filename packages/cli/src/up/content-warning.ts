/** `processors.redact.mode: off`: said at every start and reload, above every log level, because nothing takes it back. */
import type { ConfigValues } from '@outlay/collector'
import type { OperatorLog } from './operator-log.ts'

export const CONTENT_KEPT =
  'prompts and outputs are kept: they are written to the log on disk, to the table spans, and sent to the mirror'

export const warnOfContent = ({ redactMode }: Pick<ConfigValues, 'redactMode'>, log: OperatorLog): void => {
  if (redactMode !== 'off') return
  log(
    `WARNING: processors.redact.mode is off, ${CONTENT_KEPT}. Set it to carriers unless that is what you want.`,
    'error',
  )
}
