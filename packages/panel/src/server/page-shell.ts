/** The HTML that every page begins with: no figure in it, no inline script, no style but files of our own. */
import type { PageFiles } from './built-pages.ts'

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? '')

interface PageShell {
  readonly title: string
  readonly files: PageFiles
  /** The databases that can be chosen. */
  readonly databases: readonly string[]
  /** Name of the view that the page shows; absent on home. */
  readonly view?: string
}

export const renderShell = ({ title, files, databases, view }: PageShell): string =>
  `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="icon" type="image/svg+xml" href="${files.icon}">
${files.styles.map((style) => `<link rel="stylesheet" href="${style}">\n`).join('')}${files.preloads.map((script) => `<link rel="modulepreload" href="${script}">\n`).join('')}<script type="module" blocking="render" src="${files.script}"></script>
</head>
<body data-databases="${escapeHtml(databases.join(' '))}"${view === undefined ? '' : ` data-view="${escapeHtml(view)}"`}>
<noscript>The panel needs JavaScript. The same figures in a terminal: outlay kpi</noscript>
</body>
</html>
`

/** A page without any script: what was not found, or cannot be shown. */
export const renderNotice = (title: string, text: string): string =>
  `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)} · Outlay</title>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(text)}</p>
<p><a href="/">All KPIs</a></p>
</main>
</body>
</html>
`
