import { limits } from '@outlay/core'
import { describe, expect, test } from 'vitest'
import { refusedFacts } from '../../src/facts/fact-problem.ts'
import { problemsOf, rowsOf } from './fact-files.ts'

const tiers = (...rows: readonly string[]): string =>
  `tier,scope,cap_basis,soft_cap_tokens,soft_cap_share,hard_cap_tokens,pattern,max_cost_usd,target_margin,valid_from\n${rows.join('\n')}\n`

describe('a tier', () => {
  test.each([
    ['x,user,absolute,50,,50,hard_cap,,,2026-01-01', { soft_cap_share: 1 }],
    ['x,user,absolute,,,50,hard_cap,,,2026-01-01', { soft_cap_tokens: null, soft_cap_share: 1 }],
    ['x,user,absolute,,,50,soft_cap,,,2026-01-01', { soft_cap_share: 0.7 }],
    ['x,user,absolute,50,,50,soft_cap,,,2026-01-01', {}],
    ['x,user,absolute,,,,soft_cap,2.5,,2026-01-01', { hard_cap_tokens: null, max_cost_usd: 2_500_000_000_000_000n }],
    ['x,user,absolute,,,,hard_cap,,0.8,2026-01-01', { target_margin: 0.8 }],
    ['x,workspace,pool,,0.9,,payg,1,,2026-01-01', { soft_cap_share: 0.9 }],
  ])('%s is in order', async (row, expected) => {
    expect(await rowsOf('tiers', 'csv', tiers(row))).toMatchObject([expected])
  })

  test.each([
    ['x,user,absolute,51,,50,soft_cap,,,2026-01-01', 'soft_cap_tokens', /above the hard cap/],
    ['x,user,absolute,49,,50,hard_cap,,,2026-01-01', 'soft_cap_tokens', /second pattern/],
    ['x,user,absolute,,0.7,50,hard_cap,,,2026-01-01', 'soft_cap_share', /second pattern/],
    ['x,user,per_seat,,,50,payg,,,2026-01-01', 'cap_basis', /shared by a workspace/],
    ['x,workspace,pool,,,50,payg,,,2026-01-01', 'hard_cap_tokens', /contracted pool/],
    ['x,user,absolute,,,,payg,,,2026-01-01', 'hard_cap_tokens', /without any cap/],
    ['x,user,absolute,,,50,payg,5,0.8,2026-01-01', 'target_margin', /two budgets/],
    ['x,workspace,absolute,,,50,payg,,0.8,2026-01-01', 'target_margin', /only a user/],
    ['x,user,absolute,,,0,payg,,,2026-01-01', 'hard_cap_tokens', /number of tokens/],
    ['x,user,absolute,,1.01,50,payg,,,2026-01-01', 'soft_cap_share', /number/],
    ['x,user,absolute,,,50,payg,,1,2026-01-01', 'target_margin', /number/],
    ['x,user,absolute,,,50,payg,0,,2026-01-01', 'max_cost_usd', /amount/],
    ['x,team,absolute,,,50,payg,,,2026-01-01', 'scope', /known words/],
    ['x,user,absolute,,,50,hard_cap+payg,,,2026-01-01', 'pattern', /known words/],
  ])('%s is refused', async (row, column, what) => {
    expect(await problemsOf('tiers', 'csv', tiers(row))).toMatchObject([
      { row: 2, column, what: expect.stringMatching(what) },
    ])
  })

  test('has one overage pattern from one time on, and may change it later', async () => {
    const row = (pattern: string, from: string): string => `pro,user,absolute,,,50,${pattern},,,${from}`
    expect(await rowsOf('tiers', 'csv', tiers(row('payg', '2026-01-01'), row('soft_cap', '2026-02-01')))).toHaveLength(
      2,
    )
    expect(
      await problemsOf('tiers', 'csv', tiers(row('payg', '2026-01-01'), row('soft_cap', '2026-01-01'))),
    ).toMatchObject([
      {
        row: 3,
        column: 'pattern',
        what: expect.stringMatching(/"pro" mixes .* payg and soft_cap/),
        fix: expect.stringContaining('one overage pattern'),
      },
    ])
    expect(await problemsOf('tiers', 'csv', tiers(row('payg', '2026-01-01'), row('payg', '2026-01-01')))).toMatchObject(
      [{ row: 3, what: 'the same tier, valid_from as row 2' }],
    )
  })
})

describe('a user', () => {
  const users = (user: string): string =>
    `user,tenant,tier,signup_month,valid_from\n${user},acme,pro,2026-01,2026-01-01\n`

  test.each(['h_1', `h_${'a'.repeat(64)}`])('%s is a keyed hash', async (user) => {
    expect(await rowsOf('users', 'csv', users(user))).toMatchObject([{ user }])
  })

  test.each(['ann@corp.example', 'h_ann@corp.example', 'ann.smith', 'h_ann.smith', '4711'])(
    '%s is refused and not repeated',
    async (user) => {
      const problems = await problemsOf('users', 'csv', users(user))
      expect(problems).toMatchObject([{ row: 2, column: 'user' }])
      expect(refusedFacts('users.csv', problems).message).not.toContain(user)
    },
  )

  test('given as an address is refused with the reason', async () => {
    const [problem] = await problemsOf('users', 'csv', users('ann@corp.example'))
    expect(problem?.fix).toContain('the table that links hashes to people never reaches the warehouse')
  })

  test('is not repeated either where the address stands in another column', async () => {
    const file =
      'tenant,tier,renewal_date,admin_contact,valid_from\nacme,pro,ann@corp.example," bob ",ann@corp.example\n'
    const message = refusedFacts('t.csv', await problemsOf('tenants', 'csv', file)).message
    expect(message).toContain('column admin_contact: blanks around the text')
    expect(message).not.toMatch(/ann|bob/)
  })
})

describe('dates and times', () => {
  const rates = (day: string): string => `base,quote,day,rate,source\nEUR,USD,${day},1,x\n`
  test.each([
    ['1970-01-01', 0],
    ['2149-06-06', 65_535],
    ['2024-02-29', 19_782],
    ['2026-11-21T00:00:00Z', 20_778],
  ])('the day %s', async (day, days) => {
    expect(await rowsOf('fx_rates', 'csv', rates(day))).toMatchObject([{ day: days }])
  })
  test.each([
    '1969-12-31',
    '2149-06-07',
    '2026-02-29',
    '2026-13-01',
    '2026-1-1',
    '01.02.2026',
    '2026-11',
    '2026-11-21T01:00:00Z',
  ])('no day is %s', async (day) => {
    expect(await problemsOf('fx_rates', 'csv', rates(day))).toMatchObject([{ row: 2, column: 'day' }])
  })

  const tenant = (from: string): string => `tenant,tier,valid_from\na,pro,${from}\n`
  test.each([
    ['1970-01-01', 0],
    ['2026-11-21T08:30Z', 1_795_249_800],
    ['2026-11-21T08:30:00.000+00:00', 1_795_249_800],
    ['2106-02-07T06:28:15Z', 4_294_967_295],
  ])('the time %s', async (from, seconds) => {
    expect(await rowsOf('tenants', 'csv', tenant(from))).toMatchObject([{ valid_from: seconds }])
  })
  test.each([
    '2106-02-07T06:28:16Z',
    '2026-11-21T08:30:00',
    '2026-11-21 08:30:00',
    '2026-11-21T08:30:00+01:00',
    '2026-11-21T24:00:00Z',
    '2026-11-21T08:30:00.5Z',
  ])('no time is %s', async (from) => {
    expect(await problemsOf('tenants', 'csv', tenant(from))).toMatchObject([{ row: 2, column: 'valid_from' }])
  })
})

describe('rules of the other tables', () => {
  const HEAD = {
    plan_events: 'tenant,user,kind,from_tier,to_tier,at',
    fx_rates: 'base,quote,day,rate,source',
    account_charges: 'provider,period,grain,kind,label,amount,model,source',
    tenants: 'tenant,tier,shared_cost_policy,valid_from',
    engagement: 'tenant,user,signal,score,valid_from',
  } as const

  test.each([
    ['plan_events', 'acme,,upgrade,,pro,2026-01-01', 'from_tier'],
    ['plan_events', 'acme,,upgrade,pro,pro,2026-01-01', 'to_tier'],
    ['plan_events', 'acme,,upgraded,free,pro,2026-01-01', 'kind'],
    ['fx_rates', 'EUR,EUR,2026-01-01,1,x', 'quote'],
    ['fx_rates', 'EUR,USD,2026-01-01,0,x', 'rate'],
    ['fx_rates', 'EUR,USD,2026-01-01,1.0000000001,x', 'rate'],
    ['fx_rates', 'EUR,USD,2026-01-01,1000000000,x', 'rate'],
    ['account_charges', 'openai,2026-11,day,account,a,1,,x', 'period'],
    ['account_charges', 'openai,2026-11-02,month,account,a,1,,x', 'period'],
    ['account_charges', 'openai,2026-11,month,credit,a,0.01,,x', 'amount'],
    ['account_charges', 'OpenAI,2026-11,month,account,a,1,,x', 'provider'],
    ['tenants', 'acme,pro,split,2026-01-01', 'shared_cost_policy'],
    ['engagement', 'acme,h_1,retained,1e999,2026-01-01', 'score'],
  ] as const)('%s refuses %s', async (table, row, column) => {
    expect(await problemsOf(table, 'csv', `${HEAD[table]}\n${row}\n`)).toMatchObject([{ row: 2, column }])
  })

  test('charges with the same words are one, whatever their case', async () => {
    const charges = 'openai,2026-11,month,account,Storage,1,,x\nopenai,2026-11-01,month,account,STORAGE,2,,x\n'
    expect(await problemsOf('account_charges', 'csv', `${HEAD.account_charges}\n${charges}`)).toMatchObject([
      { row: 3, column: null },
    ])
  })
})

describe('what is reported of a file', () => {
  test('are unknown columns with the nearest name, missing ones, and what is wrong in the rows, together', async () => {
    const problems = await problemsOf('tenants', 'csv', 'tenant,teir,seats,loaded_at\nacme,pro,many,x\n')
    expect(problems).toMatchObject([
      { row: null, what: 'unknown column "teir", did you mean "tier"?' },
      { row: null, what: 'unknown column "loaded_at"', fix: expect.stringContaining('leave it out') },
      { row: null, what: 'the column "tier" is missing' },
      { row: null, what: 'the column "valid_from" is missing' },
      { row: 2, column: 'seats' },
    ])
  })

  test('are texts above their bound, and none at it', async () => {
    const file = (tenant: string, name: string): string =>
      `tenant,name,tier,valid_from\n${tenant},${name},pro,2026-01-01\n`
    const [id, text] = ['é'.repeat(limits.factIdBytesMax / 2), 'x'.repeat(limits.factTextBytesMax)]
    expect(await rowsOf('tenants', 'csv', file(id, text))).toMatchObject([{ tenant: id, name: text }])
    expect(await problemsOf('tenants', 'csv', file(`${id}x`, `${text}x`))).toMatchObject([
      { column: 'tenant', got: `${limits.factIdBytesMax + 1} bytes` },
      { column: 'name', got: `${limits.factTextBytesMax + 1} bytes` },
    ])
  })

  test('are as many problems as the bound, and the number of the rest', () => {
    const problem = { row: 1, column: null, what: 'x' }
    const messageOf = (problems: number): string =>
      refusedFacts(
        'f',
        Array.from({ length: problems }, () => problem),
      ).message
    const max = limits.factProblemsListedMax
    expect(messageOf(max)).not.toContain('more')
    expect(messageOf(max + 2)).toMatch(new RegExp(`^f: facts refused, ${max + 2} problem.*and 2 more$`, 's'))
  })
})
