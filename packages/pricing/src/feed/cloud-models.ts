/** Models that a cloud resells in several residencies: the feed has one entry per residency, a sheet of ours has a region. */
import type { CatalogueModel, CatalogueSheet } from '#src/feed/catalogue-model.ts'
import { isClaude } from '#src/feed/feed-units.ts'

const SCOPE = /^(global|regional)\./

/** `global.anthropic.claude-opus-4-5-v1:0` → `claude-opus-4-5`; other vendors keep their Bedrock id. */
export const bedrockModelOf = (id: string): string => {
  const bare = id.replace(SCOPE, '')
  return bare.startsWith('anthropic.') ? bare.replace(/^anthropic\./, '').replace(/-v\d+(:\d+)?$/, '') : bare
}

const bedrockNamesOf = (model: string, ids: readonly string[]): string[] => {
  const bare = ids.map((id) => id.replace(SCOPE, ''))
  if (!isClaude(model)) return [...new Set([...bare, model, model.replace(/-v\d+(:\d+)?$/, '')])]
  const versions = ['', '-v1', '-v1:0'].map((version) => `anthropic.${model}${version}`)
  return [...new Set([...bare, ...versions, model])]
}

const inRegion =
  (region: string) =>
  (sheet: CatalogueSheet): CatalogueSheet => ({ region, ...sheet })

/**
 * Entries of one Bedrock model → one model. The global profile is the list; where the feed has an entry for single
 * regions, it prices cross-region profiles and single regions alike; where it has none, all of them cost the same.
 */
export const mergeBedrockEntries = (
  entries: readonly { readonly id: string; readonly model: CatalogueModel }[],
): CatalogueModel[] =>
  [...Map.groupBy(entries, ({ model }) => model.model)].flatMap(([name, group]) => {
    const global = group.find(({ id }) => id.startsWith('global.'))
    const other = group.find(({ id }) => !id.startsWith('global.'))
    const base = (global ?? other)?.model
    if (base === undefined) return []
    const apart =
      global === undefined || other === undefined
        ? []
        : ['geo', 'regional'].flatMap((region) => other.model.sheets.map(inRegion(region)))
    const derive = global === undefined ? [{ regions: ['geo', 'regional'], times: '1', grade: 'C' as const }] : []
    const exact = bedrockNamesOf(
      name,
      group.map(({ id }) => id),
    )
    return [
      { ...base, exact: exact.map((spelling) => ({ name: spelling })), sheets: [...base.sheets, ...apart], derive },
    ]
  })

const VERTEX_WITHOUT_PREMIUM = /claude-3|claude-4-opus|claude-4-sonnet/

/** Claude at a single Vertex location costs 10 % more since 4.5; before that it cost the same. */
export const withVertexRegions = (model: CatalogueModel): CatalogueModel =>
  model.provider === 'google' && isClaude(model.model)
    ? {
        ...model,
        derive: [{ regions: ['regional'], times: VERTEX_WITHOUT_PREMIUM.test(model.model) ? '1' : '1.1', grade: 'C' }],
      }
    : model
