/** What `outlay doctor` says: one line per thing that was looked at, with what to do where it is not well. */

export type Area = 'versions' | 'database' | 'ledger' | 'collector' | 'log' | 'files' | 'clocks'

export interface Line {
  readonly area: Area
  readonly what: string
  readonly status: 'ok' | 'warning' | 'problem'
  readonly said: string
  /** Empty where nothing is to be done. */
  readonly fix: string
}

type Teller = (area: Area, what: string, said: string, fix?: string) => Line

export const ok: Teller = (area, what, said) => ({ area, what, status: 'ok', said, fix: '' })
export const warning: Teller = (area, what, said, fix = '') => ({ area, what, status: 'warning', said, fix })
export const problem: Teller = (area, what, said, fix = '') => ({ area, what, status: 'problem', said, fix })
