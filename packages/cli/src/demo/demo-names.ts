/** Names of the demo that the command line shows before anything of the demo is loaded. */
export const DEMO_DATABASE = 'outlay_demo'
export const HISTORY_DAYS = 90
