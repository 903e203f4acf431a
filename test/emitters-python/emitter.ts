/** What an entry of the list says about one emitter for Python. */
import type { Emitter } from '../emitters-foreign/emitter.ts'
import type { PackageSet } from './python-environment.ts'

export interface PythonEmitter extends Emitter {
  /** File below `programs/`. */
  readonly program: string
  /** Default `main`. */
  readonly packages?: PackageSet
  readonly environment?: Readonly<Record<string, string>>
}
