/**
 * Preloaded into a process (`--import`): once a second a line about its memory and how late its event loop was, into the
 * file that the address of this module names (`?file=`). Begins after the start, which reads a log and compiles.
 */
import { appendFileSync } from 'node:fs'
import type { ProcessSample } from './process-samples.ts'

const START_MS = 2_000
const SAMPLE_MS = 1_000
const TICK_MS = 10
/** Shorter ones are counted and not listed. */
const LISTED_LAG_MS = 2
const MIB = 1024 ** 2

const file = new URL(import.meta.url).searchParams.get('file') ?? ''
let lagsMs: number[] = []
let ticks = 0

const tick = (dueMs: number): void => {
  const nowMs = performance.now()
  const lagMs = nowMs - dueMs
  ticks += 1
  if (lagMs > LISTED_LAG_MS) lagsMs.push(Math.round(lagMs))
  setTimeout(tick, TICK_MS, nowMs + TICK_MS).unref()
}

const sample = (): void => {
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage()
  const taken: ProcessSample = {
    pid: process.pid,
    atMs: Date.now(),
    rssMib: rss / MIB,
    heapMib: heapUsed / MIB,
    // Buffers are part of it.
    externalMib: external / MIB,
    buffersMib: arrayBuffers / MIB,
    ticks,
    lagsMs,
  }
  ticks = 0
  lagsMs = []
  appendFileSync(file, `${JSON.stringify(taken)}\n`)
}

setTimeout(() => {
  tick(performance.now())
  setInterval(sample, SAMPLE_MS).unref()
}, START_MS).unref()
