/**
 * Every night, one digest for each customer. No user asked for it, so it costs the customer's account: `subject: 'account'`.
 * `node src/nightly-digest.ts [day]`, by default today. Exits with 1 where a digest failed or its cost could not be told.
 */
import { registerOutlay, withAttribution, withTask, wrap } from '@outlay/instrumentation'
import OpenAI from 'openai'
import { type Customer, CUSTOMERS } from './customers.ts'

const outlay = registerOutlay({
  endpoint: process.env['OUTLAY_ENDPOINT'] ?? 'http://127.0.0.1:4318',
  serviceName: 'nightly-digest',
  // `user` is satisfied by `subject: 'account'`: a call of neither is a mistake.
  require: ['tenant', 'user', 'feature', 'workload', 'task'],
})
const openai = wrap(new OpenAI())
const day = process.argv[2] ?? new Date().toISOString().slice(0, 10)
const say = (text: string): void => void process.stdout.write(`${text}\n`)

const digest = async ({ notes }: Customer): Promise<string> => {
  await openai.embeddings.create({ model: 'text-embedding-3-small', input: [...notes] })
  const input = `Write a digest of these notes:\n${notes.join('\n')}`
  const { output_text: text } = await openai.responses.create({ model: 'gpt-5-mini', input })
  return text
}

/** The id of the task follows from the day: a job that is started again after a crash goes on with it. */
const digestOf = (customer: Customer): Promise<string> =>
  withAttribution(
    { tenant: customer.tenant, tier: customer.tier, subject: 'account', feature: 'digest', workload: 'rag' },
    () => withTask({ type: 'nightly-digest', id: `digest-${customer.tenant}-${day}` }, () => digest(customer)),
  )

for (const customer of CUSTOMERS) {
  try {
    say(`${customer.tenant}: ${(await digestOf(customer)).length} characters`)
  } catch (error) {
    // One customer's night must not be another's.
    say(`${customer.tenant}: failed: ${String(error)}`)
    process.exitCode = 1
  }
}

// A job that ends without this loses what it has not sent yet.
await outlay.shutdown()
const { exported, failed, dropped } = outlay.stats
say(`${exported} calls told to Outlay`)
if (failed + dropped > 0) {
  say(`${failed + dropped} calls could not be told`)
  process.exitCode = 1
}
