import { OWN_SCOPE_NAME } from '@outlay/semconv'
import manifest from '../package.json' with { type: 'json' }

/** Instrumentation scope of every span that `wrap` makes. */
export const SCOPE_NAME = OWN_SCOPE_NAME
export const SCOPE_VERSION: string = manifest.version
