/** Debian's Chromium, and a page that notices everything a page of ours must not do. */
import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'

const EXECUTABLE = '/usr/bin/chromium'
const isRoot = process.getuid?.() === 0

/** Undefined, with a line that says why, where there is no browser. */
export const findBrowser = (): string | undefined => {
  if (existsSync(EXECUTABLE)) return EXECUTABLE
  process.stderr.write('The browser tests of the panel did NOT run: no Chromium. `node scripts/install-chromium.mjs`\n')
  return undefined
}

export const startBrowser = (executablePath: string): Promise<Browser> =>
  chromium.launch({ executablePath, args: isRoot ? ['--no-sandbox'] : [] })

export interface WatchedPage {
  readonly page: Page
  /** Requests to another origin, console errors, uncaught errors, violations of the content security policy. */
  readonly offences: string[]
}

interface PageSettings {
  /** The one origin that a page may ask. */
  readonly url: string
  readonly width?: number
}

const HEIGHT = 900
const TELL_VIOLATIONS = `document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
  console.error('violates ' + violatedDirective + ': ' + blockedURI))`

export const openPage = async (browser: Browser, { url, width = 1_280 }: PageSettings): Promise<WatchedPage> => {
  const context = await browser.newContext({ viewport: { width, height: HEIGHT }, reducedMotion: 'reduce' })
  const page = await context.newPage()
  const offences: string[] = []
  await page.addInitScript(TELL_VIOLATIONS)
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== url) offences.push(`asks ${request.url()}`)
  })
  page.on('console', (message) => {
    if (message.type() === 'error') offences.push(message.text())
  })
  page.on('pageerror', (error) => offences.push(error.message))
  return { page, offences }
}
