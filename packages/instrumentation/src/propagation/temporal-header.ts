/** Name of the header in which Temporal carries attribution. */
export const TEMPORAL_HEADER = 'outlay.attribution'
