/** Whether content is kept: the one setting that puts other people's words on a disk. */
import type { ConfigValues } from '@outlay/collector'
import { CONTENT_KEPT } from '#src/up/content-warning.ts'
import { type Line, ok, warning } from './diagnosis.ts'

export const checkContent = ({ redactMode }: Pick<ConfigValues, 'redactMode'>): Line =>
  redactMode === 'off'
    ? warning(
        'collector',
        'content',
        `processors.redact.mode is off: ${CONTENT_KEPT}`,
        'set it to carriers and send SIGHUP; what was written stays in the log until its segments go, and in spans until its TTL',
      )
    : ok('collector', 'content', `taken out before the log (${redactMode})`)
