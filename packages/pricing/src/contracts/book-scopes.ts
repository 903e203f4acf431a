/**
 * Who is priced by which cards: the tenant of a call selects them, and every combination of cards that some tenant has
 * makes one flattened book (spec: pricing §10). Tenants without a card of their own share the book of everybody.
 */
import type { ContractText } from '#src/contracts/contract-text.ts'
import type { PriceScope } from '#src/contracts/flatten-book.ts'
import { PriceBookError, type PriceBookProblem, placeText } from '#src/problem.ts'
import { type AuthoredSource, readSources } from '#src/vocabulary.ts'

export interface BookScope {
  /** `''` for everybody, else the cards, most specific first: `tenant:acme+org:globex`. */
  readonly scope: string
  /** Tenants that are priced so; empty for everybody. */
  readonly tenants: readonly string[]
  /** What `flattenBook` lays over the list. */
  readonly cards: PriceScope
}

type Kind = keyof PriceScope
const KINDS = { org: 'organisation', tenant: 'tenant', project: 'project' } as const satisfies Record<string, Kind>

interface Assignment {
  readonly kind: Kind
  readonly id: string
  /** Undefined = every tenant. */
  readonly tenants: readonly string[] | undefined
  readonly where: string
}

const assignmentOf = ({ source, head }: AuthoredSource): Assignment | undefined => {
  const [prefix = '', ...rest] = (head.card ?? '').split(':')
  const kind = Object.hasOwn(KINDS, prefix) ? KINDS[prefix as keyof typeof KINDS] : undefined
  if (kind === undefined) return undefined
  const id = rest.join(':')
  return { kind, id, tenants: kind === 'tenant' ? [id] : head.tenants, where: placeText(source.placeOf(['card'])) }
}

const checkAssignment = ({ source, head }: AuthoredSource): PriceBookProblem[] => {
  const where = placeText(source.placeOf(['tenants']))
  const { card = '', tenants } = head
  if (card.startsWith('project:') && tenants === undefined) {
    const fix = 'tenants: [acme]; a call carries its tenant, not its project'
    return [{ code: 'E_CARD', where, what: `${card} does not say whose calls it prices`, fix }]
  }
  if (tenants === undefined || card.startsWith('org:') || card.startsWith('project:')) return []
  return [{ code: 'E_CARD', where, what: `${card} cannot be given to other tenants`, fix: 'leave `tenants` out' }]
}

const scopeOfTenant = (assignments: readonly Assignment[], tenant: string | undefined): PriceScope => {
  const scope: { [kind in Kind]?: string } = {}
  // What names a tenant is more specific than what holds for every tenant.
  const named = assignments.filter(({ tenants }) => tenant !== undefined && tenants?.includes(tenant))
  const general = assignments.filter(({ tenants }) => tenants === undefined)
  for (const { kind, id } of [...general, ...named]) scope[kind] = id
  return scope
}

const clashes = (assignments: readonly Assignment[]): PriceBookProblem[] => {
  const seen = new Map<string, string>()
  return assignments.flatMap(({ kind, id, tenants, where }) =>
    (tenants ?? ['*']).flatMap((tenant): PriceBookProblem[] => {
      const key = `${kind}\u0000${tenant}`
      const known = seen.get(key)
      seen.set(key, id)
      if (known === undefined || known === id) return []
      const whose = tenant === '*' ? 'every tenant' : `tenant "${tenant}"`
      return [{ code: 'E_CARD', where, what: `${whose} has two ${kind} cards: "${known}" and "${id}"` }]
    }),
  )
}

const nameOf = ({ project, tenant, organisation }: PriceScope): string =>
  [
    ...(project === undefined ? [] : [`project:${project}`]),
    ...(tenant === undefined ? [] : [`tenant:${tenant}`]),
    ...(organisation === undefined ? [] : [`org:${organisation}`]),
  ].join('+')

const readAssignments = (contracts: readonly ContractText[], problems: PriceBookProblem[]): Assignment[] => {
  const files = readSources(contracts, problems)
  problems.push(...files.flatMap(checkAssignment))
  const assignments = files.flatMap((file) => assignmentOf(file) ?? [])
  problems.push(...clashes(assignments))
  return assignments
}

/** Everything that is wrong with whom the contracts are given to. */
export const checkScopes = (contracts: readonly ContractText[]): PriceBookProblem[] => {
  const problems: PriceBookProblem[] = []
  readAssignments(contracts, problems)
  return problems
}

/** Who is priced by which cards, everybody first. Throws `PriceBookError` as `checkScopes`. */
export const scopesOf = (contracts: readonly ContractText[]): BookScope[] => {
  const problems: PriceBookProblem[] = []
  const assignments = readAssignments(contracts, problems)
  if (problems.length > 0) throw new PriceBookError(problems)
  const everybody = scopeOfTenant(assignments, undefined)
  const tenants = [...new Set(assignments.flatMap((assignment) => assignment.tenants ?? []))].toSorted()
  const scopes = Map.groupBy(tenants, (tenant) => nameOf(scopeOfTenant(assignments, tenant)))
  scopes.delete(nameOf(everybody))
  return [
    { scope: '', tenants: [], cards: everybody },
    ...[...scopes].map(([scope, of]) => ({ scope, tenants: of, cards: scopeOfTenant(assignments, of[0]) })),
  ]
}
