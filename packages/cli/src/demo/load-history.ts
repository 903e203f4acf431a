/**
 * Sends the made-up past to a collector over OTLP, as applications would have sent it: through the log, settlement and
 * the ledger like everything else. Resumes where it stopped; sending a call again counts nothing twice.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { OutlayError } from '@outlay/core'
import { type HistoryCall, historyCalls } from './history-calls.ts'
import { otlpRequestOf } from './history-otlp.ts'

const DAY_MS = 86_400_000
const CALLS_PER_REQUEST = 500
const RETRY_MS = 1_000

interface Marker {
  readonly startMs: number
  readonly loadedUntilMs: number
}

const readMarker = async (path: string): Promise<Marker | undefined> => {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Marker
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

const writeMarker = async (path: string, marker: Marker): Promise<void> => {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(`${path}.tmp`, JSON.stringify(marker))
  await rename(`${path}.tmp`, path)
}

interface LoadSettings {
  /** OTLP base URL. */
  readonly endpoint: string
  readonly markerPath: string
  readonly nowMs: number
  readonly days: number
  readonly signal: AbortSignal
  /** Days sent and days in all. */
  readonly onProgress: (sentDays: number, allDays: number) => void
  /** Resolves when everything sent is in the ledger. */
  readonly settled: () => Promise<void>
  /** Called before the first span with the first day of the history. */
  readonly onStart: (startMs: number) => Promise<void>
}

/** Returns the number of calls that were sent now. */
export const loadHistory = async (settings: LoadSettings): Promise<number> => {
  const { nowMs, markerPath, days } = settings
  const marker = await readMarker(markerPath)
  const startMs = marker?.startMs ?? (Math.floor(nowMs / DAY_MS) - days) * DAY_MS
  const fromMs = marker?.loadedUntilMs ?? startMs
  await settings.onStart(startMs)
  const allDays = Math.max(1, Math.ceil((nowMs - fromMs) / DAY_MS))
  let sent = 0
  let sentDays = 0
  for (const calls of historyCalls({ startMs, fromMs, toMs: nowMs })) {
    for (let start = 0; start < calls.length; start += CALLS_PER_REQUEST) {
      await send(calls.slice(start, start + CALLS_PER_REQUEST), settings)
    }
    sent += calls.length
    sentDays += 1
    settings.onProgress(Math.min(sentDays, allDays), allDays)
  }
  await settings.settled()
  await writeMarker(markerPath, { startMs, loadedUntilMs: nowMs })
  return sent
}

const send = async (calls: readonly HistoryCall[], { endpoint, signal }: LoadSettings): Promise<void> => {
  const body = JSON.stringify(otlpRequestOf(calls))
  for (;;) {
    const response = await fetch(`${endpoint}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal,
    })
    const answer = await response.text()
    if (response.ok) return
    // The collector asks to come back later, for example while its log is full.
    if (response.status === 503) await delay(RETRY_MS, undefined, { signal })
    else
      throw new OutlayError('E_DEMO', 'the collector refused the sample history', {
        got: `${response.status} ${answer.slice(0, 200)}`,
      })
  }
}
