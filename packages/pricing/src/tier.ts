/** Canonical service tiers: what was served, not what was asked for (spec: pricing §7). */
export const TIERS = [
  'standard',
  'batch',
  'flex',
  'priority',
  'fast',
  'ultrafast',
  'background_2h',
  'background_8h',
  'reserved',
  'managed',
] as const

export type Tier = (typeof TIERS)[number]

export const isTier = (name: string): name is Tier => (TIERS as readonly string[]).includes(name)
