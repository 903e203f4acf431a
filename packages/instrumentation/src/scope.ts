import manifest from '../package.json' with { type: 'json' }

/** Instrumentation scope of every span that `wrap` makes. */
export const SCOPE_NAME = '@outlay/instrumentation'
export const SCOPE_VERSION: string = manifest.version
