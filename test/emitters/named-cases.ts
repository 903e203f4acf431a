/** Cases of one API, under names that begin with it. */
import type { StubApi } from '@outlay/testkit'

interface Place {
  readonly api: StubApi
  readonly model: string
}

type Named<Prefix extends string, Cases extends Readonly<Record<string, readonly unknown[]>>> = {
  readonly [Name in keyof Cases & string as `${Prefix}.${Name}`]: Place & {
    /** One per request that the case makes. */
    readonly answers: readonly Cases[Name][number][]
  }
}

export const under = <const Prefix extends string, Cases extends Readonly<Record<string, readonly unknown[]>>>(
  prefix: Prefix,
  place: Place,
  cases: Cases,
): Named<Prefix, Cases> =>
  Object.fromEntries(
    Object.entries(cases).map(([name, answers]) => [`${prefix}.${name}`, { ...place, answers }]),
  ) as Named<Prefix, Cases>
