/** Tier words of provider exports → canonical tiers, as the price book folds those of calls (spec: pricing §7). */
import type { ReconcileProvider } from '#src/reconcile/provider-export.ts'
import type { Tier } from '#src/tier.ts'

const WORDS: { readonly [provider in ReconcileProvider]: Readonly<Record<string, Tier>> } = {
  openai: {
    default: 'standard',
    standard: 'standard',
    auto: 'standard',
    batch: 'batch',
    flex: 'flex',
    priority: 'priority',
    fast: 'priority',
    ultrafast: 'ultrafast',
    background_2h: 'background_2h',
    background_8h: 'background_8h',
    scale: 'reserved',
  },
  anthropic: {
    default: 'standard',
    standard: 'standard',
    // The console's cost export calls everything that is no batch a message.
    message: 'standard',
    batch: 'batch',
    priority: 'reserved',
    fast: 'fast',
    managed: 'managed',
  },
}

/** A word that no table lists stays what it is: it will match nothing of ours and show up. */
export const canonicalTierOf = (provider: ReconcileProvider, word: string): string => {
  const folded = word.trim().toLowerCase()
  return Object.hasOwn(WORDS[provider], folded) ? (WORDS[provider][folded] ?? folded) : folded
}
