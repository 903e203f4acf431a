/** What the authors of a model want looked at again, kept beside the compiled rows (spec: pricing §6). */
import type { BookReview } from '#src/book.ts'
import type { ModelContext } from '#src/model-context.ts'

/** Fields of a sheet or a rule; both were checked against their schemas. */
interface Reviewable {
  readonly tier?: string
  readonly region?: string
  readonly regions?: readonly string[]
  readonly tiers?: readonly string[]
  readonly review_after?: string
}

/** Every `review_after` of one declaration. A rule for regions counts for the first of its tiers. */
export const reviewsOf = ({ authored: { provider, model, sheets, derive } }: ModelContext): BookReview[] =>
  ([...(sheets ?? []), ...(derive ?? [])] as readonly Reviewable[]).flatMap((item) => {
    if (item?.review_after === undefined) return []
    const regions = item.regions ?? (item.region === undefined ? [] : [item.region])
    return [{ provider, model, tier: item.tier ?? item.tiers?.[0] ?? 'standard', regions, after: item.review_after }]
  })

const textOf = ({ provider, model, tier, regions, after }: BookReview): string =>
  [provider, model, tier, regions.join(), after].join('\u0000')

export const compareReviews = (a: BookReview, b: BookReview): number => (textOf(a) < textOf(b) ? -1 : 1)
