/** What the API and the worker agree on. */
export const QUEUE = 'inbox'

export const connection = {
  url: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379',
  // As BullMQ wants it of workers.
  maxRetriesPerRequest: null,
}

/** Every try may cost; the ledger shows them as attempts 1, 2 and 3. */
export const RETRIED = { attempts: 3, backoff: { type: 'exponential', delay: 100 } }

export interface TriageJob {
  readonly mails: readonly string[]
}

export interface ReplyJob {
  readonly mail: string
}
