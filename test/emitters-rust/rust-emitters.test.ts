import { describeEmitters } from '../emitters-foreign/describe-emitters.ts'
import { runBuiltProgram } from '../emitters-foreign/run-built-program.ts'
import { buildCargoCrate } from '../harness/cargo-crate.ts'
import { EMITTERS } from './emitters.ts'

describeEmitters({
  emitters: EMITTERS,
  prepare: async () => {
    const crate = { name: 'emitters-rust', directory: import.meta.dirname, program: 'emitters' }
    const program = await buildCargoCrate(crate)
    return typeof program === 'string' ? (_, run) => runBuiltProgram(program, run) : program
  },
})
