/** What an example needs around it: a provider on loopback, and a collector with its ledger. */
import { type StubProvider, type StubScript, startStubProvider } from '@outlay/testkit'
import { startTestCollector } from '../harness/test-collector.ts'
import type { TestLedger } from '../harness/test-ledger.ts'

export const USER_KEY = 'key of the app'

/** One net call of the ledger. */
export interface ExampleCall {
  readonly tenant: string
  readonly user: string
  readonly subject: string
  readonly feature: string
  readonly workload: string
  readonly task: string
  readonly task_type: string
  readonly parent_task: string
  readonly service: string
  readonly attempt: number
  readonly model: string
  readonly batch: number
  readonly status: string
}

export interface Stage extends AsyncDisposable {
  readonly provider: StubProvider
  /** The variables that the READMEs of the examples name, for this provider and this collector. */
  readonly environment: Readonly<Record<string, string>>
  /** Waits until everything that was sent stands in the ledger. Fails if any of it came without attribution. */
  calls(): Promise<readonly ExampleCall[]>
}

const columns = `tenant, user, subject, feature, workload, task, task_type, parent_task, service, attempt,
  request_model AS model, batch, usage_status AS status`

export const openStage = async (ledger: TestLedger, script: StubScript = []): Promise<Stage> => {
  const database = await ledger.createDatabase(['openai', 'anthropic'])
  const { collector, close } = await startTestCollector(ledger, database)
  const provider = await startStubProvider({ script })
  const rowsOf = async <Row>(query: string): Promise<Row[]> =>
    (await ledger.client.query({ query, format: 'JSONEachRow' })).json<Row>()
  return {
    provider,
    environment: {
      OPENAI_API_KEY: 'stub',
      OPENAI_BASE_URL: provider.openaiUrl,
      ANTHROPIC_API_KEY: 'stub',
      ANTHROPIC_BASE_URL: provider.url,
      OUTLAY_ENDPOINT: collector.url,
      OUTLAY_USER_KEY: USER_KEY,
    },
    calls: async () => {
      await collector.settled()
      const unattributed = await rowsOf(`SELECT * FROM ${database}.quarantine`)
      if (unattributed.length > 0) throw new Error(`without attribution: ${JSON.stringify(unattributed)}`)
      const rows = await rowsOf<ExampleCall & { call_key: string }>(`
        SELECT ${columns}, hex(trace_id) || hex(span_id) AS call_key FROM ${database}.calls
        GROUP BY ALL HAVING sum(sign) = 1
        ORDER BY tenant, task, service, attempt, model`)
      return rows.map(({ call_key: _, ...call }) => call)
    },
    [Symbol.asyncDispose]: async () => {
      await provider.close()
      await close()
    },
  }
}
