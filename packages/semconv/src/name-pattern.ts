/** Name patterns of the rule tables: exact, or with one `*` at the start or the end. */

export interface NamePattern {
  readonly kind: 'exact' | 'prefix' | 'suffix'
  readonly literal: string
}

export const parseNamePattern = (pattern: string): NamePattern => {
  if (pattern.endsWith('*')) return { kind: 'prefix', literal: pattern.slice(0, -1) }
  if (pattern.startsWith('*')) return { kind: 'suffix', literal: pattern.slice(1) }
  return { kind: 'exact', literal: pattern }
}

export const matchesName = ({ kind, literal }: NamePattern, name: string): boolean => {
  if (kind === 'exact') return name === literal
  return kind === 'prefix' ? name.startsWith(literal) : name.endsWith(literal)
}
