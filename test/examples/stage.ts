/** What an example needs around it: a provider on loopback, and a collector with its ledger. One engine for all stages of a file. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type StubProvider, type StubScript, startStubProvider } from '@outlay/testkit'
import { startTestCollector } from '../harness/test-collector.ts'
import { startTestLedger } from '../harness/test-ledger.ts'
import { EXAMPLES } from './example-process.ts'

export const USER_KEY = 'key of the app'

/** One net call of the ledger. */
export interface ExampleCall {
  readonly tenant: string
  readonly user: string
  readonly subject: string
  readonly feature: string
  readonly workload: string
  readonly session: string
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
  /** What the query in the README of an example answers; `TASK` in it stands for a task. */
  documentedRows(example: string, task?: string): Promise<readonly unknown[]>
}

export interface Stages {
  open(script?: StubScript): Promise<Stage>
  close(): Promise<void>
}

const CALLS = `tenant, user, subject, feature, workload, session, task, task_type, parent_task, service, attempt,
  request_model AS model, batch, usage_status AS status`

type KeyedCall = ExampleCall & { readonly call_key: string }

export const prepareStages = async (): Promise<Stages> => {
  const ledger = await startTestLedger()
  const database = await ledger.createDatabase(['openai', 'anthropic'])
  const rowsOf = async <Row>(query: string): Promise<Row[]> =>
    (await ledger.reader.query({ query, format: 'JSONEachRow' })).json<Row>()
  /** Of stages before this one. */
  const earlier = new Set<string>()
  const readCalls = (): Promise<KeyedCall[]> =>
    rowsOf<KeyedCall>(`
      SELECT ${CALLS}, hex(trace_id) || hex(span_id) AS call_key FROM ${database}.calls
      GROUP BY ALL HAVING sum(sign) = 1
      ORDER BY tenant, task, service, attempt, model`)

  const open = async (script: StubScript = []): Promise<Stage> => {
    const receiver = await startTestCollector(ledger, database)
    const provider = await startStubProvider({ script })
    return {
      provider,
      environment: {
        OPENAI_API_KEY: 'stub',
        OPENAI_BASE_URL: provider.openaiUrl,
        ANTHROPIC_API_KEY: 'stub',
        ANTHROPIC_BASE_URL: provider.url,
        OUTLAY_ENDPOINT: receiver.collector.url,
        OUTLAY_USER_KEY: USER_KEY,
      },
      calls: async () => {
        await receiver.collector.settled()
        const unattributed = await rowsOf(`SELECT * FROM ${database}.quarantine`)
        if (unattributed.length > 0) throw new Error(`without attribution: ${JSON.stringify(unattributed)}`)
        const own = (await readCalls()).filter(({ call_key: key }) => !earlier.has(key))
        return own.map(({ call_key: _key, ...call }) => call)
      },
      documentedRows: (example, task = '') => {
        const readme = readFileSync(join(EXAMPLES, example, 'README.md'), 'utf8')
        const [, query = ''] = /```sql\n([^]*?)```/.exec(readme) ?? []
        return rowsOf(query.replaceAll('outlay.', `${database}.`).replaceAll("'TASK'", `'${task}'`))
      },
      [Symbol.asyncDispose]: async () => {
        await provider.close()
        await receiver.close()
        for (const { call_key: key } of await readCalls()) earlier.add(key)
      },
    }
  }
  return { open, close: () => ledger.close() }
}
