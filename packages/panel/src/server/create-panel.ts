/**
 * The panel as a request handler for a listener that somebody else opened. It reads, and only what the view registry
 * names, from the databases it was given; every answer carries the security headers, refusals included.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ClickHouseClient } from '@outlay/clickhouse'
import { type Clock, limits, OutlayError, systemClock } from '@outlay/core'
import { explained } from './ask-ledger.ts'
import type { AskedWindow } from './asked-window.ts'
import { type BuiltPages, DIST_DIRECTORY, type PageName, readBuiltPages } from './built-pages.ts'
import { chooseBook } from './choose-book.ts'
import { createLastAnswers } from './last-answers.ts'
import { renderNotice, renderShell } from './page-shell.ts'
import { parseViewQuestion, parseWindowQuestion, type WindowQuestion } from './question.ts'
import { readCourses } from './read-courses.ts'
import { readBefore, readOverview } from './read-overview.ts'
import { readKpiTable } from './read-table.ts'
import { isLoopbackHost } from './security-headers.ts'
import { type Exchange, sendAnswer, sendFigures, sendHtml, sendRefusal, statusOf } from './send-answer.ts'
import { findPage, type PagedView, VIEW_PAGES } from './view-pages.ts'

export interface PanelSettings {
  /** May read, and needs nothing else. */
  readonly client: ClickHouseClient
  /** The databases that may be asked for; the first is shown where none is named. */
  readonly databases: readonly string[]
  /** Set where the listener is on loopback: requests for other host names are refused. */
  readonly loopbackOnly: boolean
  /** Told of every failure that is a mistake of ours. */
  readonly onInternalError?: (error: unknown) => void
  readonly clock?: Clock
  /** Where the built pages are. */
  readonly distDirectory?: string
  /** In place of the limits: how long an answer is given again, and how long a slow one is waited for. */
  readonly freshAnswerMs?: number
  readonly slowAnswerMs?: number
}

/** Answers one request; for the listener of the collector. */
export type Panel = (request: IncomingMessage, response: ServerResponse) => void

const API = '/api/panel/'

/** The panel. Pages that are not built are said so on every page; the API works without them. */
export const createPanel = (settings: PanelSettings): Panel => {
  const api = createApi(settings)
  const pages = createPages(settings)
  return (request, response) => {
    const exchange = { request, response }
    const { pathname, searchParams } = addressOf(request.url)
    const isApi = pathname.startsWith('/api/')
    const answer = async (): Promise<void> => {
      if (settings.loopbackOnly && !isLoopbackHost(request.headers.host)) throw foreignHost(request.headers.host)
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        const headers = { allow: 'GET, HEAD' }
        sendAnswer(exchange, { status: 405, type: 'text/plain', body: 'The panel only answers questions.\n', headers })
      } else if (isApi) await api(exchange, pathname, searchParams)
      else pages(exchange, pathname)
    }
    answer().catch((error: unknown) => {
      if (!(error instanceof OutlayError)) settings.onInternalError?.(error)
      if (isApi) sendRefusal(exchange, error)
      else sendNotice(exchange, error)
    })
  }
}

/** What cannot be read as an address is the address of nothing. */
const addressOf = (url = '/'): URL => {
  const text = `http://panel${url}`
  return new URL(URL.canParse(text) ? text : 'http://panel/not-an-address')
}

const foreignHost = (host: string | undefined): OutlayError =>
  new OutlayError('E_HOST', 'this panel answers only to the name of its own machine', {
    got: JSON.stringify(host),
    want: 'localhost or 127.0.0.1',
  })

const notFound = (path: string, want: string): OutlayError =>
  new OutlayError('E_NOT_FOUND', 'there is no such page', { got: path, want })

const NOTICES: Readonly<Record<number, string>> = { 404: 'Not found', 403: 'Refused', 503: 'Not ready' }

const sendNotice = (exchange: Exchange, error: unknown): void => {
  const status = statusOf(error)
  const text = error instanceof OutlayError ? error.message : 'The panel made a mistake of its own.'
  sendHtml(exchange, status, renderNotice(NOTICES[status] ?? 'Something went wrong', text))
}

type Api = (exchange: Exchange, path: string, search: URLSearchParams) => Promise<void>

/** Answers about all KPIs at once. The slower ones are asked for after the overview is shown. */
const WHOLE: Readonly<Record<string, (client: ClickHouseClient, asked: AskedWindow) => Promise<object>>> = {
  [`${API}overview`]: readOverview,
  [`${API}before`]: readBefore,
  [`${API}courses`]: readCourses,
}

const createApi = ({ client, databases, clock = systemClock, freshAnswerMs, slowAnswerMs }: PanelSettings): Api => {
  const served = { databases, clock }
  const answers = createLastAnswers<object>({
    freshMs: freshAnswerMs ?? limits.panelFreshAnswerMs,
    patienceMs: slowAnswerMs ?? limits.panelSlowAnswerMs,
    answersMax: limits.panelLastAnswersMax,
    clock,
  })
  const askedOf = async (question: WindowQuestion): Promise<AskedWindow> => ({
    database: question.database,
    databases,
    from: question.from,
    to: question.to,
    book: await explained(() => chooseBook(client, question)),
  })
  const ask = async (exchange: Exchange, path: string, read: () => Promise<object>, search: URLSearchParams) => {
    // The question as it was put: a window that ends now is one question, whenever it is asked.
    search.sort()
    const { answer, ageMs } = await answers.ask(`${path}?${search.toString()}`, read)
    sendFigures(exchange, answer, ageMs)
  }
  return async (exchange, path, search) => {
    const read = WHOLE[path]
    if (read !== undefined) {
      const question = parseWindowQuestion(search, served)
      await ask(exchange, path, async () => read(client, await askedOf(question)), search)
      return
    }
    const paged = path.startsWith(`${API}kpi/`) ? findPage(path.slice(`${API}kpi/`.length)) : undefined
    if (paged === undefined) throw notFound(path, [...Object.keys(WHOLE), ...VIEW_PAGES.map(apiPath)].join(', '))
    const question = parseViewQuestion(paged.view, search, served)
    await ask(exchange, path, async () => readKpiTable(client, paged, question, await askedOf(question)), search)
  }
}

const apiPath = ({ page }: PagedView): string => `${API}kpi/${page.name}`

const FOREVER = 'public, max-age=31536000, immutable'

type Pages = (exchange: Exchange, path: string) => void

const createPages = ({ databases, distDirectory: directory = DIST_DIRECTORY }: PanelSettings): Pages => {
  let built: BuiltPages | undefined
  const shell = (page: PageName, about: { readonly title: string; readonly view?: string }): string =>
    renderShell({ ...about, databases, files: (built ??= readBuiltPages(directory)).filesOf(page) })
  return (exchange, path) => {
    if (path === '/') {
      sendHtml(exchange, 200, shell('home', { title: 'Outlay' }))
      return
    }
    const paged = path.startsWith('/kpi/') ? findPage(path.slice('/kpi/'.length)) : undefined
    if (paged !== undefined) {
      const { name, title } = paged.page
      sendHtml(exchange, 200, shell('kpi', { title: `${title} · Outlay`, view: name }))
      return
    }
    const file = path.startsWith('/assets/') ? (built ??= readBuiltPages(directory)).file(path) : undefined
    if (file === undefined) throw notFound(path, 'a page of the panel, /metrics, /healthz or /readyz')
    const headers = { 'cache-control': FOREVER }
    sendAnswer(exchange, { status: 200, type: file.contentType, body: file.bytes, headers })
  }
}
