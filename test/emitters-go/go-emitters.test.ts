import { join } from 'node:path'
import { describeEmitters } from '../emitters-foreign/describe-emitters.ts'
import { runBuiltProgram } from '../emitters-foreign/run-built-program.ts'
import { buildGoModule } from '../harness/go-module.ts'
import { EMITTERS } from './emitters.ts'

describeEmitters({
  emitters: EMITTERS,
  prepare: async () => {
    const packages = [...new Set(EMITTERS.map(({ program }) => `./${program}`))]
    const folder = await buildGoModule({ name: 'emitters-go', directory: import.meta.dirname, packages })
    if (typeof folder !== 'string') return folder
    return ({ program, environment }, run) => runBuiltProgram(join(folder, program), run, environment)
  },
})
