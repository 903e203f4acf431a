/** Everything that `outlay doctor` looks at. Reads only, and needs nothing of it to be well. */
import { resolve } from 'node:path'
import { systemClock } from '@outlay/core'
import type { CommandContext } from '#src/command-context.ts'
import { readerSettings } from '#src/connection.ts'
import { readConfig } from '#src/up/read-config.ts'
import type { ConfigOptions } from '#src/up/up-options.ts'
import { logDirectoryOf } from '#src/upkeep/upkeep-options.ts'
import { findEngine } from './find-engine.ts'
import { checkContent } from './check-content.ts'
import { checkCollector } from './check-collector.ts'
import { checkDatabase } from './check-database.ts'
import { checkFiles } from './check-files.ts'
import { checkLog } from './check-log.ts'
import { checkVersions } from './check-versions.ts'
import type { Line } from './diagnosis.ts'
import { type EffectiveSetting, effectiveSettings } from './effective-settings.ts'

export interface DoctorOptions extends ConfigOptions {
  readonly dataDir: string
  readonly log?: string
}

/** Shape: docs/reference/cli/doctor.schema.json. */
export interface Diagnosis {
  readonly configuration: readonly EffectiveSetting[]
  readonly lines: readonly Line[]
  readonly problems: number
  readonly warnings: number
}

/** Fails with `E_FILE` or `E_CONFIG` where the configuration itself is wrong. */
export const runDoctor = async (context: CommandContext, options: DoctorOptions): Promise<Diagnosis> => {
  const { dataDir } = options
  const config = await readConfig(context, options)
  const { database, httpEndpoint, grpcEndpoint, adminEndpoint, walDirectory } = config.values
  const place = { dataDir, log: options.log ?? walDirectory }
  const engine = await findEngine(context, resolve(context.cwd, dataDir))
  const connection = { ...readerSettings(context, database), ...(engine === undefined ? {} : { url: engine }) }
  const log = await checkLog(logDirectoryOf(context, place), systemClock.now())
  const lines = [
    ...checkVersions(process.versions.node),
    ...(await checkDatabase(connection, database, systemClock)),
    ...(await checkCollector({ http: httpEndpoint, grpc: grpcEndpoint, admin: adminEndpoint }, log.isOwned)),
    checkContent(config.values),
    ...log.lines,
    ...(await checkFiles(resolve(context.cwd, dataDir), logDirectoryOf(context, place))),
  ]
  const countOf = (status: Line['status']): number => lines.filter((line) => line.status === status).length
  return {
    configuration: effectiveSettings(context, config, engine),
    lines,
    problems: countOf('problem'),
    warnings: countOf('warning'),
  }
}
