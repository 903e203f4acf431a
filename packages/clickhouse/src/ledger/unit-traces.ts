/** Which traces the rows of a sealed unit are about: all that replaying it needs to know of them. */
import { openNativeBlock } from '#src/native/cut-native-block.ts'
import type { EncodedUnit } from './insert-unit.ts'

interface UnitTrace {
  readonly authority: string
  readonly traceId: string
}

export const tracesOfUnit = ({ body }: Pick<EncodedUnit, 'body'>): readonly UnitTrace[] => {
  const block = openNativeBlock(body)
  const traces = new Map<string, UnitTrace>()
  for (let row = 0; row < block.rows; row += 1) {
    const [authority, traceId] = [String(block.cell('authority', row)), String(block.cell('trace_id', row))]
    traces.set(`${authority} ${traceId}`, { authority, traceId })
  }
  return [...traces.values()]
}
