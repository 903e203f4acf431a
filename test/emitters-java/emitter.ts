/** What an entry of the list says about one emitter for Java. */
import type { Emitter } from '../emitters-foreign/emitter.ts'
import type { PackageSet } from './java-environment.ts'

export interface JavaEmitter extends Emitter {
  readonly packages: PackageSet
  /** Class below `programs/<packages>/`. */
  readonly program: string
  readonly environment?: Readonly<Record<string, string>>
  /** Whether the virtual machine is started with OpenTelemetry's Java agent. Default: without. */
  readonly agent?: true
}
