/** What is kept between the two runs: a file here; in an app, a row of the table of batches. */
import type { BatchAttribution } from '@outlay/instrumentation/batches'
import { readFile, writeFile } from 'node:fs/promises'
import type { ProviderName } from './providers.ts'

export interface KeptBatch {
  readonly provider: ProviderName
  readonly batchId: string
  readonly attribution: BatchAttribution
}

const FILE = 'kept-batch.json'

export const keepBatch = (batch: KeptBatch): Promise<void> => writeFile(FILE, JSON.stringify(batch, null, 2))

export const readKeptBatch = async (): Promise<KeptBatch> => JSON.parse(await readFile(FILE, 'utf8')) as KeptBatch
