/** Set-up of Outlay, the same in both runs. */
import { registerOutlay } from '@outlay/instrumentation'

const { OUTLAY_ENDPOINT = 'http://127.0.0.1:4318', OUTLAY_USER_KEY, OUTLAY_CARRIER_KEY } = process.env

export const startOutlay = () =>
  registerOutlay({
    endpoint: OUTLAY_ENDPOINT,
    serviceName: 'summaries',
    userKey: OUTLAY_USER_KEY,
    // What is kept of a batch between the runs is signed.
    carrierKeys: OUTLAY_CARRIER_KEY === undefined ? [] : [{ id: 'k1', secret: OUTLAY_CARRIER_KEY }],
  })
