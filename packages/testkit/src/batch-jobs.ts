/**
 * Batch jobs of OpenAI and Anthropic: requests go in together, and their answers are there when the test says so. Shapes follow
 * the types of openai 7.57 and @anthropic-ai/sdk 1.12.
 */
import { CREATED_SECONDS } from './wire-event.ts'

/** One request of a batch, as the provider would be asked for it outside of one. */
export interface BatchedRequest {
  readonly customId: string
  readonly path: string
  readonly body: unknown
}

export interface BatchedAnswer {
  readonly status: number
  readonly body: unknown
}

/** A body as JSON, or text that is sent as it is. */
export type BatchReply = { readonly json: unknown } | { readonly text: string }

export interface BatchCall {
  readonly method: string
  readonly path: string
  /** Base URL that was called, for the addresses that answers name. */
  readonly url: string
  readonly body: unknown
  /** The body as it came. */
  readonly text: string
}

export interface BatchJobs {
  /** `undefined` for what has nothing to do with batches. */
  serve(call: BatchCall): BatchReply | undefined
  /** Answers the requests of every batch; until then it is in progress. */
  end(): void
}

interface Job {
  readonly id: string
  readonly requests: readonly BatchedRequest[]
  answers: readonly BatchedAnswer[] | undefined
}

const OK = 200
const linesOf = (values: readonly unknown[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join('')
const CREATED_AT = new Date(CREATED_SECONDS * 1_000).toISOString()

/** The lines of the file in a form. */
const uploadedLines = (form: string): readonly string[] => form.split(/\r?\n/).filter((line) => line.startsWith('{"'))

interface OpenAILine {
  readonly custom_id: string
  readonly url: string
  readonly body: unknown
}

const requestOf = (line: string): BatchedRequest => {
  const { custom_id: customId, url: path, body } = JSON.parse(line) as OpenAILine
  return { customId, path, body }
}

const openAIBatch = ({ id, answers }: Job): object => ({
  id,
  object: 'batch',
  endpoint: '/v1/chat/completions',
  completion_window: '24h',
  created_at: CREATED_SECONDS,
  input_file_id: `file-${id}`,
  status: answers === undefined ? 'in_progress' : 'completed',
  ...(answers?.some(({ status }) => status === OK) ? { output_file_id: `file-${id}-output` } : {}),
  ...(answers?.some(({ status }) => status !== OK) ? { error_file_id: `file-${id}-error` } : {}),
})

/** Answers and failures are files of their own; so a line of either has the same shape. */
const openAILines = ({ id, requests, answers = [] }: Job, isWanted: (answer: BatchedAnswer) => boolean): string =>
  linesOf(
    answers.flatMap((answer, index) => {
      const customId = requests[index]?.customId
      const response = { status_code: answer.status, request_id: `req_${id}_${index}`, body: answer.body }
      return isWanted(answer) ? [{ id: `batch_req_${index}`, custom_id: customId, response, error: null }] : []
    }),
  )

const countsOf = ({ requests, answers }: Job): object => {
  const succeeded = answers?.filter(({ status }) => status === OK).length ?? 0
  const errored = (answers?.length ?? 0) - succeeded
  return { processing: requests.length - succeeded - errored, succeeded, errored, canceled: 0, expired: 0 }
}

const anthropicBatch = (job: Job, url: string): object => ({
  id: job.id,
  type: 'message_batch',
  processing_status: job.answers === undefined ? 'in_progress' : 'ended',
  request_counts: countsOf(job),
  created_at: CREATED_AT,
  expires_at: CREATED_AT,
  ended_at: job.answers === undefined ? null : CREATED_AT,
  archived_at: null,
  cancel_initiated_at: null,
  results_url: job.answers === undefined ? null : `${url}/v1/messages/batches/${job.id}/results`,
})

const anthropicLines = ({ requests, answers = [] }: Job): string =>
  linesOf(
    answers.map(({ status, body }, index) => ({
      custom_id: requests[index]?.customId,
      result: status === OK ? { type: 'succeeded', message: body } : { type: 'errored', error: body },
    })),
  )

interface AnthropicBatchBody {
  readonly requests: readonly { readonly custom_id: string; readonly params: unknown }[]
}

const PLACE =
  /\/v1\/(?<kind>files|batches|messages\/batches)(?:\/(?<id>[\w-]+?)(?:-(?<file>output|error))?)?(?:\/(?:content|results))?$/

export const createBatchJobs = (answerTo: (request: BatchedRequest) => BatchedAnswer): BatchJobs => {
  const files = new Map<string, string>()
  const jobs = new Map<string, Job>()
  const startJob = (prefix: string, requests: readonly BatchedRequest[]): Job => {
    const job = { id: `${prefix}_${jobs.size + 1}`, requests, answers: undefined }
    jobs.set(job.id, job)
    return job
  }
  const upload = (form: string): BatchReply => {
    const id = `file-upload-${files.size + 1}`
    files.set(id, form)
    const file = { id, object: 'file', bytes: form.length, created_at: CREATED_SECONDS, filename: 'batch.jsonl' }
    return { json: { ...file, purpose: 'batch', status: 'processed' } }
  }
  const submitOpenAI = (body: unknown): BatchReply => {
    const { input_file_id: fileId } = body as { input_file_id: string }
    return { json: openAIBatch(startJob('batch', uploadedLines(files.get(fileId) ?? '').map(requestOf))) }
  }
  const submitAnthropic = (body: unknown, url: string): BatchReply => {
    const requests = (body as AnthropicBatchBody).requests.map(({ custom_id: customId, params }) => ({
      customId,
      path: '/v1/messages',
      body: params,
    }))
    return { json: anthropicBatch(startJob('msgbatch', requests), url) }
  }
  const submit = (kind: string | undefined, { body, text, url }: BatchCall): BatchReply => {
    if (kind === 'files') return upload(text)
    return kind === 'batches' ? submitOpenAI(body) : submitAnthropic(body, url)
  }
  return {
    serve: (call) => {
      const { kind, id = '', file } = PLACE.exec(call.path)?.groups ?? {}
      if (kind === undefined) return undefined
      if (call.method === 'POST') return submit(kind, call)
      const job = jobs.get(id.replace(/^file-/, ''))
      if (job === undefined) return undefined
      if (kind === 'files') return { text: openAILines(job, ({ status }) => (status === OK) === (file === 'output')) }
      if (kind === 'batches') return { json: openAIBatch(job) }
      return call.path.endsWith('/results') ? { text: anthropicLines(job) } : { json: anthropicBatch(job, call.url) }
    },
    end: () => {
      for (const job of jobs.values()) job.answers ??= job.requests.map(answerTo)
    },
  }
}
