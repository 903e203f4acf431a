/** `docs/reference/collector-config.md` from the lists of keys: a test fails when the page differs from them. */
import { stringify } from 'yaml'
import { type ConfigKey, configKeys } from '../src/config/config-keys.ts'
import { UNSUPPORTED_KEYS } from '../src/config/unsupported-keys.ts'

export const PAGE_URL = new URL('../../../docs/reference/collector-config.md', import.meta.url)

const HEAD = `# collector.yaml

Generated from \`packages/collector/src/config/\` by \`npm run generate\`; a test fails when the two differ.

\`outlay up --config collector.yaml\` runs the collector as one YAML file says, in the shape of the OpenTelemetry Collector's
own. A key that means the same there has the same name and unit.

- Several \`--config\` files are merged in their order: maps key by key, everything else is replaced. Then comes
  \`--set a.b=c\`, repeatable, with a value in YAML; then the options of the command, such as \`--otlp-port\`.
- \`\${env:NAME}\` and \`\${env:NAME:-default}\` are filled in from the environment; a variable that is not set and has no default
  is a problem. \`$$\` is a dollar. Relative paths are meant from where the command runs.
- Durations and sizes carry their unit: \`250ms\`, \`30s\`, \`10m\`, \`1h30m\`, \`7d\`; \`512KiB\`, \`64MiB\`, \`8GiB\`, \`10MB\`.
- Nothing is ignored: an unknown key is refused with the nearest one, a key of a feature that this version has not is refused
  by name. All problems come together, each with its path, its value and where it came from (\`E_CONFIG\`, exit code 2).
- An endpoint beyond loopback needs tokens or client certificates; \`insecure_allow_unauthenticated: true\` lifts that for a
  closed network, and every start warns.
- Component ids are \`type\` or \`type/name\`; this version has one of each type.
- While the collector runs these files are read again within 5 seconds of a change, and at SIGHUP: \`processors.redact\`,
  \`processors.attribution\` and \`service.telemetry.logs.level\` hold at once, everything else holds after a restart, and the
  log names it. Tokens and certificates are read again at their own intervals and at SIGHUP. What became wrong leaves what
  held before in place.
`

const TITLES: Readonly<Record<string, string>> = {
  extensions: 'Log and tokens',
  receivers: 'Receivers',
  processors: 'Processors',
  exporters: 'Exporters',
  service: 'Service',
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

const fallbackOf = ({ fallback }: ConfigKey): string =>
  fallback === undefined ? '–' : `\`${stringify(fallback, { collectionStyle: 'flow', lineWidth: 0 }).trim()}\``

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n')

const section = (group: string): string => {
  const keys = configKeys.filter(({ path }) => path.startsWith(`${group}.`))
  const rows = keys.map((key) => [`\`${key.path}\``, key.form, fallbackOf(key), key.about])
  return `## ${TITLES[group]}\n\n${table(['key', 'takes', 'without it', 'what it is for'], rows)}\n`
}

/** Every key with a default, as one file: what holds without any file. */
const example = (): string => {
  const root: Record<string, unknown> = {}
  for (const { path, fallback } of configKeys) {
    if (fallback === undefined) continue
    const names = path.split('.')
    const last = names.pop() ?? ''
    let map = root
    for (const name of names) map = (map[name] ??= {}) as Record<string, unknown>
    map[last] = fallback
  }
  return stringify(root, { lineWidth: 0, aliasDuplicateObjects: false })
}

export const renderConfigPage = (): string =>
  [
    HEAD,
    ...Object.keys(TITLES).map(section),
    `## Not supported\n\n${table(
      ['key, with everything below it', 'why'],
      UNSUPPORTED_KEYS.map(({ path, why }) => [`\`${path}\``, why]),
    )}\n`,
    `## What holds without a file\n\n\`\`\`yaml\n${example()}\`\`\`\n`,
  ].join('\n')
