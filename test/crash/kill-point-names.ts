/** The moments at which a process can be killed, by the steps before and behind. */

/** In the order in which a request meets them. */
export const KILL_POINTS = [
  'append|fsync',
  'fsync|ack',
  'ack|seal',
  'seal|insert',
  'insert|answer',
  'answer|cursor',
  'cursor|unseal',
  'cursor|delete',
  'evaluate|seal',
  'ledger seal|insert',
  'ledger insert|answer',
  'ledger answer|unseal',
  'settled|cursor',
] as const
export type KillPoint = (typeof KILL_POINTS)[number]
