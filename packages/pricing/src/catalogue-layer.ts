/**
 * A public catalogue lies under everything else (`layer: catalogue`): what another file declares about a model or a name
 * is the whole truth about it, and the catalogue only fills what nobody else knows (spec: pricing §12).
 */
import type { ModelContext } from '#src/model-context.ts'
import { type PlacedName, readNames } from '#src/model-names.ts'

const isCatalogue = ({ file }: ModelContext): boolean => file.layer === 'catalogue'

const modelKeyOf = ({ authored }: ModelContext): string => `${authored.provider}\u0000${authored.model}`

/** Drops the catalogue's declarations of models that any other file declares. */
export const withoutOverruled = (contexts: readonly ModelContext[]): ModelContext[] => {
  const declared = new Set(contexts.filter((context) => !isCatalogue(context)).map(modelKeyOf))
  return contexts.filter((context) => !isCatalogue(context) || !declared.has(modelKeyOf(context)))
}

const SNAPSHOT = /-(?:\d{8}|\d{4}-\d{2}-\d{2})$/

/**
 * All names, without those of the catalogue that another file gives to a model: by the same text, or as a dated snapshot.
 * An exact name of the catalogue would otherwise beat the snapshot rule of an audited model.
 */
export const withoutOverruledNames = (contexts: readonly ModelContext[]): PlacedName[] => {
  const own = contexts.filter((context) => !isCatalogue(context)).flatMap(readNames)
  const keyOf = (rule: string, provider: string, name: string): string => [rule, provider, name].join('\u0000')
  const taken = new Set(
    own.map(({ name }) => keyOf(name.rule === 'exact' ? 'exact' : 'snapshot', name.provider, name.name)),
  )
  const isFree = ({ name: { rule, provider, name } }: PlacedName): boolean =>
    rule === 'exact'
      ? !taken.has(keyOf('exact', provider, name)) &&
        !taken.has(keyOf('snapshot', provider, name.replace(SNAPSHOT, '')))
      : !taken.has(keyOf('snapshot', provider, name))
  return [...own, ...contexts.filter(isCatalogue).flatMap(readNames).filter(isFree)]
}
