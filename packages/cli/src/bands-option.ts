import { type ConfiguredBands, parseBandsFile } from '@outlay/clickhouse'
import type { CommandContext } from './command-context.ts'
import { readTextFile } from './read-file.ts'

/** What `--bands` says; empty without it. */
export interface BandsSetting {
  readonly bands?: ConfiguredBands
}

/** Reads the file of `--bands`. Fails with `E_FILE` or `E_BANDS_FILE`. */
export const readBandsOption = async (context: CommandContext, path: string | undefined): Promise<BandsSetting> =>
  path === undefined ? {} : { bands: parseBandsFile(path, await readTextFile(context, path)) }
