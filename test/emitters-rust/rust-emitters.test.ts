import { describeEmitters } from '../emitters-python/describe-emitters.ts'
import { runBuiltProgram } from '../emitters-python/run-built-program.ts'
import { buildCargoCrate } from '../harness/cargo-crate.ts'
import { EMITTERS } from './emitters.ts'

describeEmitters({
  language: 'Rust',
  emitters: EMITTERS,
  prepare: async () => {
    const crate = { name: 'emitters-rust', directory: import.meta.dirname, program: 'emitters' }
    const program = await buildCargoCrate(crate)
    return typeof program === 'string' ? { run: (_, task) => runBuiltProgram(program, task) } : program
  },
})
