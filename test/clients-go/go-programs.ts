/**
 * Real clients written in Go, of the module beside this file: a stock OpenTelemetry Collector, telemetrygen, and programs
 * with the OpenTelemetry SDK and ClickHouse's driver.
 */
import { join } from 'node:path'
import { buildGoModule } from '../harness/go-module.ts'
import type { Missing } from '../harness/prepared-folder.ts'

const OWN_PROGRAMS = ['sdk-sender', 'sql-client', 'stock-collector'] as const
const TELEMETRYGEN = 'github.com/open-telemetry/opentelemetry-collector-contrib/cmd/telemetrygen'

export type GoProgram = (typeof OWN_PROGRAMS)[number] | 'telemetrygen'
/** Where each program is; or what this machine lacks. */
export type GoPrograms = { readonly paths: Readonly<Record<GoProgram, string>> } | Missing

/** Rejects where the programs do not build. */
export const prepareGoPrograms = async (): Promise<GoPrograms> => {
  const folder = await buildGoModule({
    name: 'clients-go',
    directory: import.meta.dirname,
    packages: [...OWN_PROGRAMS.map((name) => `./${name}`), TELEMETRYGEN],
  })
  if (typeof folder !== 'string') return folder
  const names: readonly GoProgram[] = [...OWN_PROGRAMS, 'telemetrygen']
  const paths = Object.fromEntries(names.map((name) => [name, join(folder, name)])) as Record<GoProgram, string>
  return { paths }
}
