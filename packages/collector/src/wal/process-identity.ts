/** Which process holds a lock, and whether it is provably gone. */
import { readFile } from 'node:fs/promises'
import { randomHex } from '@outlay/core'

export interface ProcessIdentity {
  readonly pid: number
  /** Clock ticks since boot; empty where the system does not tell. */
  readonly startTime: string
  /** Empty where the system does not tell. */
  readonly bootId: string
  /** Tells apart two locks of the same process. */
  readonly nonce: string
}

interface ProcessStat {
  readonly state: string
  readonly startTime: string
}

/** Fields after the command name, which may itself hold spaces and parentheses. */
const readProcessStat = async (pid: number): Promise<ProcessStat | undefined> => {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { state: fields[0] ?? '', startTime: fields[19] ?? '' }
  } catch {
    return undefined
  }
}

const readBootId = async (): Promise<string> => {
  try {
    return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
  } catch {
    return ''
  }
}

export const identifyThisProcess = async (): Promise<ProcessIdentity> => ({
  pid: process.pid,
  startTime: (await readProcessStat(process.pid))?.startTime ?? '',
  bootId: await readBootId(),
  nonce: randomHex(8),
})

/** Signal 0 asks whether the process exists; EPERM means it does and belongs to someone else. */
const processExists = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH')
  }
}

/** Only on proof: another boot, no such process, a zombie (its files are closed), or a pid that was given out again. */
export const isProvablyGone = async (owner: ProcessIdentity): Promise<boolean> => {
  const bootId = await readBootId()
  if (bootId !== '' && owner.bootId !== '' && bootId !== owner.bootId) return true
  if (!processExists(owner.pid)) return true
  const stat = await readProcessStat(owner.pid)
  if (stat === undefined) return false
  if (stat.state === 'Z' || stat.state === 'X') return true
  return owner.startTime !== '' && stat.startTime !== owner.startTime
}

/** Undefined if the text is not a lock of ours. */
export const parseProcessIdentity = (text: string): ProcessIdentity | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return undefined
    const { pid, startTime, bootId, nonce } = value as Partial<Record<keyof ProcessIdentity, unknown>>
    if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return undefined
    if (typeof startTime !== 'string' || typeof bootId !== 'string') return undefined
    if (typeof nonce !== 'string' || !/^[0-9a-f]{16}$/.test(nonce)) return undefined
    return { pid, startTime, bootId, nonce }
  } catch {
    return undefined
  }
}
