import { describeEmitters } from './describe-emitters.ts'
import { EMITTERS } from './emitters.ts'
import { preparePythonEnvironment } from './python-environment.ts'
import { runProgram } from './run-program.ts'

describeEmitters({
  language: 'Python',
  emitters: EMITTERS,
  prepare: async () => {
    const environment = await preparePythonEnvironment()
    if ('missing' in environment) return environment
    return {
      run: ({ program, packages = 'main', environment: variables = {} }, task) =>
        runProgram({ ...task, python: environment.pythons[packages], program, environment: variables }),
    }
  },
})
