import { join } from 'node:path'
import { describeEmitters } from '../emitters-python/describe-emitters.ts'
import { runBuiltProgram } from '../emitters-python/run-built-program.ts'
import { buildGoModule } from '../harness/go-module.ts'
import { EMITTERS } from './emitters.ts'

describeEmitters({
  language: 'Go',
  emitters: EMITTERS,
  prepare: async () => {
    const packages = [...new Set(EMITTERS.map(({ program }) => `./${program}`))]
    const folder = await buildGoModule({ name: 'emitters-go', directory: import.meta.dirname, packages })
    if (typeof folder !== 'string') return folder
    return { run: ({ program, environment }, task) => runBuiltProgram(join(folder, program), task, environment) }
  },
})
