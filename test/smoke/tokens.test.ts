import { readFileSync } from 'node:fs'
import { tempDir } from '@outlay/testkit'
import { describe, expect, test } from 'vitest'
import { expectDocumentedShape } from '../harness/cli-schema.ts'
import { runProgram } from '../harness/outlay-program.ts'
import type { Outcome } from '../harness/run-outlay.ts'

const tokens = (...args: string[]): Promise<Outcome> => runProgram(['tokens', ...args], {})

describe('outlay tokens', () => {
  test('creates, lists and revokes in the shapes that are documented, and shows a secret once', async () => {
    using directory = tempDir()
    const file = ['--file', `${directory.path}/tokens.yaml`]
    const made = await tokens('create', '--tenant', 'acme', '--expires', '90d', '--json', ...file)
    const created = JSON.parse(made.stdout) as { token: string; id: string }
    expectDocumentedShape('tokens-create', created)
    const plain = await tokens('create', '--trusted', 'app', '--tenant-prefix', 'eu-', '--scope', 'ingest', ...file)
    expect(plain.stdout).toMatch(/^ok_[0-9a-f]{16}_[\w-]{43}\n$/)
    expect(plain.stderr).toContain('account app, for tenants eu-…; ingest. It does not expire.')
    const revoked = await tokens('revoke', created.id, '--json', ...file)
    expectDocumentedShape('tokens-revoke', JSON.parse(revoked.stdout))
    const listed = await tokens('list', '--json', ...file)
    const answer = JSON.parse(listed.stdout) as { tokens: { state: string }[] }
    expectDocumentedShape('tokens-list', answer)
    expect(answer.tokens.map(({ state }) => state)).toEqual(['revoked', 'valid'])
    const table = (await tokens('list', ...file)).stdout
    expect(table).toMatch(/revoked .* ingest .* tenant acme/)
    const secret = created.token.split('_').slice(2).join('_')
    for (const text of [revoked.stdout, listed.stdout, table, readFileSync(file[1] ?? '', 'utf8')])
      expect(text).not.toContain(secret)
  })

  test('says everything that is wrong at once', async () => {
    using directory = tempDir()
    const wrong = [
      '--trusted',
      '',
      '--scope',
      'ingset',
      '--expires',
      'soon',
      '--allow-tenant',
      'a',
      '--tenant-prefix',
      'b',
    ]
    const { code, stderr } = await tokens('create', ...wrong, '--file', `${directory.path}/t.yaml`)
    expect(code).toBe(2)
    expect(stderr).toMatch(/^E_TOKEN_OPTIONS: no token was made, 4 problem\(s\)/)
    for (const part of ['--trusted:', 'did you mean "ingest"?', '--expires: got "soon"', 'two limits']) {
      expect(stderr).toContain(part)
    }
    expect(await tokens('create')).toMatchObject({ code: 2, stderr: expect.stringContaining('--tenant, --trusted') })
    expect(await tokens('list', '--file', `${directory.path}/t.yaml`)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^E_TOKENS_FILE: .*outlay tokens create/),
    })
  })
})
