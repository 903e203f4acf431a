/** Everything that `outlay doctor` looks at. Reads only, and needs nothing of it to be well. */
import { resolve } from 'node:path'
import { systemClock } from '@outlay/core'
import type { Command } from 'commander'
import type { CommandContext } from '#src/command-context.ts'
import { readerSettings } from '#src/connection.ts'
import { type LogOptions, logDirectoryOf } from '#src/upkeep/upkeep-options.ts'
import { findEngine } from './find-engine.ts'
import { checkCollector, type CollectorPorts } from './check-collector.ts'
import { checkDatabase } from './check-database.ts'
import { checkFiles } from './check-files.ts'
import { checkLog } from './check-log.ts'
import { checkVersions } from './check-versions.ts'
import type { Line } from './diagnosis.ts'
import { type EffectiveSetting, effectiveSettings } from './effective-settings.ts'

export type DoctorOptions = LogOptions & CollectorPorts

/** Shape: docs/reference/cli/doctor.schema.json. */
export interface Diagnosis {
  readonly configuration: readonly EffectiveSetting[]
  readonly lines: readonly Line[]
  readonly problems: number
  readonly warnings: number
}

export const runDoctor = async (
  context: CommandContext,
  options: DoctorOptions,
  command: Command,
): Promise<Diagnosis> => {
  const { database, dataDir } = options
  const engine = await findEngine(context, resolve(context.cwd, dataDir))
  const connection = { ...readerSettings(context, database), ...(engine === undefined ? {} : { url: engine }) }
  const log = await checkLog(logDirectoryOf(context, options), systemClock.now())
  const lines = [
    ...checkVersions(process.versions.node),
    ...(await checkDatabase(connection, database, systemClock)),
    ...(await checkCollector(options, log.isOwned)),
    ...log.lines,
    ...(await checkFiles(resolve(context.cwd, dataDir), logDirectoryOf(context, options))),
  ]
  const countOf = (status: Line['status']): number => lines.filter((line) => line.status === status).length
  return {
    configuration: effectiveSettings(context, command, engine),
    lines,
    problems: countOf('problem'),
    warnings: countOf('warning'),
  }
}
