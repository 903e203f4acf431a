import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { KPI_VIEWS, type KpiViewName, VIEW_PARAMETERS, type ViewParameter } from '@outlay/clickhouse'
import { displayUsd, limits, parseUsd } from '@outlay/core'
import { runProgram } from '../harness/outlay-program.ts'
import { readerOf } from '../harness/run-outlay.ts'
import { readView } from '../harness/test-ledger.ts'
import { findBrowser, openPage, startBrowser } from './browser.ts'
import {
  asShown,
  byText,
  comparable,
  inOrder,
  type KpiLine,
  percent,
  readShownRows,
  shownCoverage,
  shownHeadline,
  WORDS,
} from './shown-figures.ts'
import { type PanelSite, startPanelSite, startPanelWithoutLedger } from './panel-site.ts'

const executable = findBrowser()

let site: PanelSite
let browser: Browser
let page: Page
let offences: string[]
/** The window as the address and as the command get it. */
let period: { readonly from: string; readonly to: string }

const isoOf = (seconds: number): string => new Date(seconds * 1_000).toISOString()
const address = (path: string, more: Readonly<Record<string, string>> = {}): string =>
  `${site.url}${path}?${new URLSearchParams({ ...period, ...more }).toString()}`
const isShown = async (selector: string): Promise<void> => {
  await page.locator(selector).first().waitFor()
}

beforeAll(async () => {
  if (executable === undefined) return
  site = await startPanelSite()
  period = { from: isoOf(site.from), to: isoOf(site.to) }
  browser = await startBrowser(executable)
  ;({ page, offences } = await openPage(browser, site))
})
afterAll(async () => {
  await browser?.close()
  await site?.close()
})

const shownRows = () => readShownRows(page)

/** What the page of a view asks without any filter. */
const tableQuestion = (view: KpiViewName, by: string): Parameters<typeof readView>[3] => {
  const parameters: readonly ViewParameter[] = KPI_VIEWS.find(({ name }) => name === view)?.parameters ?? []
  const given = { from_time: site.from, to_time: site.to, as_of: site.to, by, top: 1_000, book: 'current' }
  const everything = parameters.filter((parameter) => VIEW_PARAMETERS[parameter] === 'Array(String)')
  return {
    ...Object.fromEntries(
      Object.entries(given).filter(([name, value]) => parameters.some((own) => own === name) && value !== ''),
    ),
    ...Object.fromEntries(everything.map((filter) => [filter, ['*']])),
  }
}

describe.runIf(executable)('the home page', () => {
  test('shows what `outlay kpi` says, to the last digit', async () => {
    const args = ['kpi', '--json', '--database', site.database, '--from', period.from, '--to', period.to]
    const { stdout } = await runProgram(args, readerOf(site.ledger))
    await page.goto(address('/'))
    const { kpis, headline } = JSON.parse(stdout) as { kpis: readonly KpiLine[]; headline: Record<string, string> }
    await isShown('.tile')
    const tiles = await page.locator('.tile').evaluateAll((all) =>
      all.map((tile) => {
        const text = (selector: string): string => tile.querySelector(selector)?.textContent?.trim() ?? ''
        return {
          title: text('h3'),
          figure: text('.tile-figure'),
          verdict: text('.verdict'),
          unpriced: text('.tile-unpriced dd'),
        }
      }),
    )
    expect(kpis).toHaveLength(8)
    expect(kpis.some(({ unpriced_calls: unpriced }) => unpriced !== '0')).toBe(true)
    expect(tiles).toEqual(
      kpis.map((line) => ({
        title: line.title,
        figure: shownHeadline(line),
        verdict: WORDS[line.band],
        unpriced: shownCoverage(line),
      })),
    )
    const figure = (name: string) => page.locator(`[data-figure="${name}"] .headline-value`).textContent()
    expect(await page.locator('.headline-figure').count()).toBe(6)
    expect(await figure('spend_usd')).toBe(displayUsd(parseUsd(String(headline['spend_usd']))))
    expect(await figure('month_usd')).toBe(displayUsd(parseUsd(String(headline['month_usd']))))
    expect(await figure('priced_share')).toBe(percent(Number(headline['priced_share'])))
    await page.locator('[data-delta="task_cost"] strong').waitFor()
    expect(await page.locator('[data-delta="task_cost"]').textContent()).toMatch(/^[+−]?[\d.]+ % on the 7 days before$/)
  })

  test('is one Tab, Enter and Escape away from every table, and / finds', async () => {
    await page.goto(address('/'))
    await isShown('.tile')
    const focused = (): Promise<string> => page.evaluate('document.activeElement?.textContent ?? ""')
    for (let tabs = 0; (await focused()) !== 'Per-task cost'; tabs += 1) {
      expect(tabs).toBeLessThan(20)
      await page.keyboard.press('Tab')
    }
    await page.keyboard.press('Enter')
    await page.waitForURL('**/kpi/task_cost?*')
    await isShown('.table-scroll tbody tr')
    await page.keyboard.press('/')
    await page.keyboard.type('agent')
    expect(new Set((await shownRows()).map(({ key }) => key))).toEqual(new Set(['agent']))
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    await page.waitForURL((url) => url.pathname === '/')
    expect(new URL(page.url()).searchParams.get('from')).toBe(period.from)
  })
})

describe.runIf(executable)('a tile', () => {
  test.each([
    ['task_cost', 'workload'],
    ['user_cost', ''],
    ['tenant_cost', 'tenant'],
    ['tier_utilization', ''],
    ['overage_rate', 'tier'],
    ['degradation_rate', 'feature'],
    ['feature_concentration', 'feature'],
    ['cost_to_revenue', 'tenant'],
  ])('of %s opens the table of its view, row for row', async (name, by) => {
    await page.goto(address('/'))
    await isShown('.tile')
    await page.locator(`[data-kpi="${name}"] h3 a`).click()
    await isShown('.table-scroll tbody tr')
    const view = `kpi_${name}` as KpiViewName
    const rows = await readView<Record<string, string | number | null>>(
      site.ledger,
      site.database,
      view,
      tableQuestion(view, by),
    )
    const keyed = (row: Readonly<Record<string, unknown>>): string =>
      String(row['key'] ?? row['subject'] ?? (by === '' ? '' : row[by]))
    const byKey = new Map(rows.map((row) => [keyed(row), row]))
    const shown = (await shownRows()).map((row) => comparable(row, byKey.get(keyed(row)) ?? {}))
    const expected = rows.map((row) =>
      Object.fromEntries(Object.entries(row).map(([column, value]) => [column, asShown(column, value)])),
    )
    expect(rows.length).toBeGreaterThan(0)
    expect(inOrder(shown)).toEqual(inOrder(expected))
  })
})

describe.runIf(executable)('a table', () => {
  test('is sorted by exact figures, and the order is part of the address', async () => {
    await page.goto(address('/kpi/task_cost', { by: 'feature' }))
    await isShown('.table-scroll tbody tr')
    const costs = async () =>
      (await shownRows()).map((row) => parseUsd((row['cost_usd'] ?? '').replaceAll(/[$,]/g, '')))
    const descending = await costs()
    expect(descending).toEqual(descending.toSorted((a, b) => (a < b ? 1 : -1)))
    await page.getByRole('button', { name: 'Cost', exact: true }).click()
    expect(await costs()).toEqual(descending.toReversed())
    await page.reload()
    await isShown('.table-scroll tbody tr')
    expect(await costs()).toEqual(descending.toReversed())
    expect(await page.locator('th[aria-sort="ascending"]').textContent()).toBe('Cost')
  })

  test('narrows to what is clicked, and says so', async () => {
    await page.goto(address('/kpi/task_cost', { by: 'tenant' }))
    await page.getByRole('link', { name: 'acme', exact: true }).click()
    await isShown('.chip')
    expect(await page.locator('.chip').textContent()).toContain('acme')
    const rows = await readView<{ key: string }>(site.ledger, site.database, 'kpi_task_cost', {
      ...tableQuestion('kpi_task_cost', 'workload'),
      tenants: ['acme'],
    })
    expect(new Set((await shownRows()).map(({ key }) => key))).toEqual(new Set(rows.map(({ key }) => key)))
  })
})

describe.runIf(executable)('a course', () => {
  test('is a sparkline on its tile, and a chart with a sentence and a table on its page', async () => {
    onTestFinished(() => page.unrouteAll({ behavior: 'ignoreErrors' }))
    const points = [1, 2, null, 4].map((value, index) => ({ day: `2026-11-0${index + 1}`, value }))
    const course = { title: 'cost of the day', unit: 'usd', points }
    await page.route('**/api/panel/courses*', (route) => route.fulfill({ json: { courses: { 1: course } } }))
    await page.goto(address('/'))
    await isShown('[data-course="task_cost"] svg')
    expect(await page.locator('.sparkline').count()).toBe(1)
    // A day without a figure is a gap: two lines.
    expect((await page.locator('.sparkline-line').getAttribute('d'))?.match(/M/g)).toHaveLength(2)
    await page.goto(address('/kpi/task_cost'))
    await isShown('.chart svg')
    expect(await page.locator('.chart svg path').count()).toBeGreaterThan(3)
    expect(await page.locator('.series-sentence').textContent()).toBe(
      'From $1.00 on 1 Nov 2026 to $4.00 on 4 Nov 2026; lowest $1.00 on 1 Nov 2026, highest $4.00 on 4 Nov 2026.',
    )
    await page.getByText('Show as table').click()
    expect(await page.locator('.twin tbody tr').allTextContents()).toEqual([
      '1 Nov 2026$1.00',
      '2 Nov 2026$2.00',
      '3 Nov 2026no data',
      '4 Nov 2026$4.00',
    ])
  })
})

describe.runIf(executable)('for everybody', () => {
  test.each(['/', '/kpi/tenant_cost'])(
    '%s has no fault that axe finds, light or dark, wide or narrow',
    async (path) => {
      await page.goto(address(path))
      await isShown(path === '/' ? '.tile' : '.summary-figure')
      await page.evaluate(axe.source)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        const found = await page.evaluate<readonly string[]>(
          'axe.run(document).then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html).join()))',
        )
        expect(found).toEqual([])
      }
      const { page: phone, offences: phoneOffences } = await openPage(browser, { url: site.url, width: 390 })
      await phone.goto(address(path))
      await phone
        .locator(path === '/' ? '.tile' : '.summary-figure')
        .first()
        .waitFor()
      expect(await phone.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0)
      expect(phoneOffences).toEqual([])
      await phone.context().close()
    },
  )

  test('the theme that was chosen stays', async () => {
    await page.emulateMedia({ colorScheme: 'light' })
    await page.goto(address('/kpi/user_cost'))
    const ground = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor')
    const light = await ground()
    const toggle = page.getByRole('button', { name: /^Theme/ })
    await toggle.click()
    await toggle.click()
    const dark = await ground()
    expect(dark).not.toBe(light)
    await page.reload()
    expect(await ground()).toBe(dark)
    await toggle.click()
    expect(await ground()).toBe(light)
  })
})

describe.runIf(executable)('what is not there', () => {
  test('is said on an empty ledger', async () => {
    await page.goto(address('/', { database: site.emptyDatabase }))
    await isShown('.tile')
    expect(await page.locator('.notice').textContent()).toContain('No calls in this window yet')
    expect(new Set(await page.locator('.tile-figure').allTextContents())).toEqual(new Set(['no data']))
    await page.goto(address('/kpi/model_mix', { database: site.emptyDatabase }))
    await isShown('.row-count')
    expect(await page.locator('.row-count').textContent()).toBe('0 rows')
  })

  test('is a price: then every cost says so instead of 0', async () => {
    // Nothing was staged: that book prices nothing. The page of this view asks for no headline, which takes long.
    await page.goto(address('/kpi/model_mix', { book: 'staged' }))
    await isShown('.table-scroll tbody tr')
    const unpriced = (await shownRows()).filter((row) => row['priced_share'] === '0.0 %')
    expect(unpriced.length).toBeGreaterThan(2)
    expect(new Set(unpriced.map((row) => row['cost_usd']))).toEqual(new Set(['no price']))
  })

  test('is the ledger: then the page says why and what to do', async () => {
    const away = await startPanelWithoutLedger()
    const { page: broken } = await openPage(browser, away)
    for (const path of ['/', '/kpi/task_cost']) {
      await broken.goto(`${away.url}${path}`)
      const alert = broken.getByRole('alert')
      await alert.waitFor()
      expect(await alert.textContent()).toMatch(/the ledger does not answer.*is the database running\?.*E_UNREACHABLE/)
    }
    await broken.context().close()
    await away.close()
  })
})

describe.runIf(executable)('the API', () => {
  test('answers with a tag per result, and with nothing new where there is none', async () => {
    const question = address('/api/panel/kpi/feature_totals')
    const first = await fetch(question)
    const { columns, rows } = (await first.json()) as {
      columns: readonly { name: string; unit: string }[]
      rows: readonly { cells: Record<string, unknown> }[]
    }
    const sql = await readView(
      site.ledger,
      site.database,
      'kpi_feature_totals',
      tableQuestion('kpi_feature_totals', ''),
    )
    expect(rows.map(({ cells }) => cells)).toEqual(sql)
    expect(columns.find(({ name }) => name === 'cost_usd')?.unit).toBe('usd')
    const etag = first.headers.get('etag') ?? ''
    expect(etag).toMatch(/^"[0-9a-f]{32}"$/)
    const again = await fetch(question, { headers: { 'if-none-match': etag } })
    expect([again.status, await again.text()]).toEqual([304, ''])
    expect(Number(again.headers.get('age'))).toBeGreaterThanOrEqual(0)
    const other = await fetch(address('/api/panel/kpi/feature_totals', { tenants: 'acme' }))
    expect(other.headers.get('etag')).not.toBe(etag)
  })

  test('gives of a long table the highest rows, and says how many there are', async () => {
    const answer = await fetch(address('/api/panel/kpi/task_cost', { by: 'task' }))
    const { rows, rows_total, rows_by } = (await answer.json()) as {
      rows: readonly { cells: { key: string; cost_usd: string } }[]
      rows_total: number
      rows_by: string
    }
    const all = await readView<{ cost_usd: string | null }>(
      site.ledger,
      site.database,
      'kpi_task_cost',
      tableQuestion('kpi_task_cost', 'task'),
    )
    expect(all.length).toBeGreaterThan(limits.panelTableRowsMax)
    expect([rows.length, rows_total, rows_by]).toEqual([limits.panelTableRowsMax, all.length, 'cost_usd'])
    const highest = all
      .flatMap(({ cost_usd: cost }) => (cost === null ? [] : [cost]))
      .toSorted((a, b) => (parseUsd(a) < parseUsd(b) ? 1 : -1))
    expect(rows.map(({ cells }) => cells.cost_usd)).toEqual(highest.slice(0, limits.panelTableRowsMax))
  })

  test('gives the course of each KPI as the view has it, with a gap on days without a figure', async () => {
    const { courses } = (await (await fetch(address('/api/panel/courses'))).json()) as {
      courses: Record<string, { title: string; points: readonly { day: string; value: number | null }[] }>
    }
    const lines = await readView<{ kpi: string; day: string; value: number | null }>(
      site.ledger,
      site.database,
      'kpi_overview_series',
      { from_time: site.from, to_time: site.to },
    )
    const known = Object.entries(courses).flatMap(([kpi, { points }]) =>
      points.flatMap(({ day, value }) => (value === null ? [] : [`${kpi} ${day} ${value}`])),
    )
    const expected = lines.flatMap(({ kpi, day, value }) => (value === null ? [] : [`${kpi} ${day} ${value}`]))
    expect(known.toSorted(byText)).toEqual(expected.toSorted(byText))
    expect(Object.keys(courses)).toHaveLength(8)
    expect(courses['4']?.title).toBe('effective tokens of the day')
    expect(new Set(Object.values(courses).map(({ points }) => points.length)).size).toBe(1)
  })

  test('prices by the book that was known at a time, or says what there is', async () => {
    const booked = async (more: Readonly<Record<string, string>>) => {
      const answer = await fetch(address('/api/panel/kpi/feature_totals', more))
      const { book, error } = (await answer.json()) as { book?: string; error?: { code: string; want: string } }
      return { status: answer.status, book, ...error }
    }
    expect(await booked({ as_of: period.to })).toMatchObject({ status: 200, book: 'r1' })
    expect(await booked({ as_of: '2020-01-01' })).toMatchObject({ status: 400, code: 'E_BOOK' })
    expect(await booked({ book: 'nope' })).toMatchObject({ status: 400, code: 'E_BOOK', want: 'current, r1, staged' })
  })

  test('shares the port with probes and metrics', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics']) expect((await fetch(`${site.url}${path}`)).status).toBe(200)
  })
})

test.runIf(executable)('no page asked another host, broke the policy or failed, and the panel made no mistake', () => {
  expect(offences).toEqual([])
  expect(site.mistakes).toEqual([])
})
