/** Next.js calls `register` once when a server starts, before any request. */
export const register = async (): Promise<void> => {
  if (process.env['NEXT_RUNTIME'] !== 'nodejs') return
  const { registerOutlay } = await import('@outlay/instrumentation')
  registerOutlay({
    endpoint: process.env['OUTLAY_ENDPOINT'] ?? 'http://127.0.0.1:4318',
    serviceName: 'chat',
    userKey: process.env['OUTLAY_USER_KEY'],
  })
}
