import { describe, expect, test } from 'vitest'
import { expectDocumentedShape } from '../harness/cli-schema.ts'
import { runProgram } from '../harness/outlay-program.ts'
import { NO_LEDGER, type Outcome } from '../harness/run-outlay.ts'

const plan = (...args: string[]): Promise<Outcome> => runProgram(['plan', ...args], NO_LEDGER)
const CHAT = ['--workload', 'chat', '--sessions', '20', '--turns', '5', '--input', '300', '--output', '100']

describe('outlay plan', () => {
  test('answers without a database what its help shows', async () => {
    const { stdout: help } = await plan('--help')
    const example = /Example:\n\s+outlay plan (.*)$/s.exec(help)?.[1] ?? ''
    const args = example.replaceAll('\\\n', ' ').trim().split(/\s+/)
    const { code, stdout } = await plan(...args, '--at', '2026-11-01', '--json')
    expect(code).toBe(0)
    expectDocumentedShape('plan', JSON.parse(stdout))
    // 20 × 5 × 2 calls of 1,200 + 300 × 8 tokens; 10 ÷ 1.25 dollars per million is 8.
    expect(JSON.parse(stdout)).toMatchObject({
      workload: 'agent',
      calls_per_user: 200,
      tokens_per_user: 720_000,
      multiplier: 8,
      multiplier_from: 'prices',
      suggested_hard_cap_tokens: 2_160_000,
      pool_tokens: 25_714_286,
      tier: { tier: 'team', fits: true, utilization: 0.24 },
      cost: { status: 'priced', per_user_usd: '0.9', of_users_usd: '22.5' },
      budget: { max_cost_usd: '5.8', within: true, tokens_within: 4_640_000 },
    })
    expect((await plan(...args)).stdout).toMatch(/effective tokens per user and month +720,000\n/)
  })

  test('without a model counts output four times, and has no cost', async () => {
    const { stdout } = await plan(...CHAT, '--json')
    const answer = JSON.parse(stdout) as object
    expectDocumentedShape('plan', answer)
    expect(answer).toMatchObject({
      tokens_per_user: 70_000,
      multiplier_from: 'default',
      cost: null,
      budget: null,
      tier: { tier: 'pro' },
    })
  })

  test('holds the use against the tier that was asked for, and says why there is no price', async () => {
    const { stdout } = await plan(
      ...CHAT,
      '--tier',
      'free',
      '--provider',
      'openai',
      '--model',
      'none',
      '--multiplier',
      '2.5',
      '--json',
    )
    const answer = JSON.parse(stdout) as object
    expectDocumentedShape('plan', answer)
    expect(answer).toMatchObject({
      multiplier_from: 'given',
      tier: { tier: 'free', fits: false, utilization: 1.1 },
      cost: { status: 'unpriced_model', per_user_usd: null, reason: expect.stringContaining('none') },
    })
  })

  test('refuses with everything that is wrong', async () => {
    const { code, stderr } = await plan(
      '--workload',
      'rag',
      '--sessions',
      '0',
      '--turns',
      '5',
      '--input',
      '1.5',
      '--output',
      '1',
      '--tool-call-factor',
      '2',
      '--seat-price',
      '9',
      '--model',
      'x',
    )
    expect(code).toBe(2)
    expect(stderr).toMatch(/^E_PLAN: /)
    for (const flag of ['tool-call-factor', 'retrieved-context', 'sessions', 'input', 'target-margin', 'provider']) {
      expect(stderr).toContain(`\n  --${flag}: `)
    }
    expect(await plan(...CHAT, '--tier', 'por')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('did you mean "pro"?'),
    })
    expect(await plan(...CHAT, '--users', '1000000000000', '--multiplier', '1000000')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('more tokens than can be counted'),
    })
  })
})
