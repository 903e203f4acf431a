/** CPU time of the engine's process: what a statement costs on a machine that others use at the same time. */
import { readFileSync } from 'node:fs'

/** Linux counts in hundredths of a second for readers of /proc, whatever the kernel's own tick is. */
const MS_PER_TICK = 10
// Fields of /proc/<pid>/stat after the name in brackets: user time is the 12th of them, system time the 13th.
const USER_TIME = 11
const SYSTEM_TIME = 12

/** Milliseconds that all threads of the process have run so far; undefined where there is no /proc. */
export const readCpuMs = (pid: number): number | undefined => {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return undefined
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const ticks = Number(fields[USER_TIME]) + Number(fields[SYSTEM_TIME])
  return Number.isFinite(ticks) ? ticks * MS_PER_TICK : undefined
}
