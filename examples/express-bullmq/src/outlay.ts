/** Set-up of Outlay, the same in both processes. */
import { registerOutlay } from '@outlay/instrumentation'

const { OUTLAY_ENDPOINT = 'http://127.0.0.1:4318', OUTLAY_USER_KEY, OUTLAY_CARRIER_KEY } = process.env

/** A model call that does not say who and what it is for is refused before it costs anything. */
export const startOutlay = (serviceName: string) =>
  registerOutlay({
    endpoint: OUTLAY_ENDPOINT,
    serviceName,
    require: ['tenant', 'user', 'feature', 'workload', 'task'],
    userKey: OUTLAY_USER_KEY,
    // Signed: nobody who can write to the queue can bill another tenant.
    carrierKeys: OUTLAY_CARRIER_KEY === undefined ? [] : [{ id: 'k1', secret: OUTLAY_CARRIER_KEY }],
  })
