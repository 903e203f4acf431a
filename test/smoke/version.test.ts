import { expect, test } from 'vitest'
import manifest from '../../packages/cli/package.json' with { type: 'json' }
import { runOutlay } from '../harness/run-outlay.ts'

test.each(['--version', '-V'])('outlay %s says which version it is and nothing else', async (flag) => {
  expect(await runOutlay([flag])).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: '' })
})
