/** Instrumentation scope of every span that this package makes. */
import { OWN_SCOPE_NAME } from '@outlay/semconv'

export const SCOPE_NAME = OWN_SCOPE_NAME
/** The version of the package, written out: a published build has no manifest beside its sources. A test compares both. */
export const SCOPE_VERSION = '0.0.0'
