import { OUTLAY, type SpanEvidence } from '@outlay/semconv'
import { expect, test } from 'vitest'
import { DEFAULT_REQUIRED } from '#src/collector-settings.ts'
import { createLiveAttribution } from '#src/pipeline/live-attribution.ts'

const span = { attributes: { 'app.feature': 'search', 'app.area': 'billing' }, resource: {} } as unknown as SpanEvidence

test('whoever holds the map and the requirements sees what was configured last', () => {
  const live = createLiveAttribution({ attributionMap: { feature: ['app.feature'] }, require: ['tenant'] })
  const { map } = live
  const policy = {
    get require() {
      return live.require
    },
  }
  expect([map(span).attributes[OUTLAY.FEATURE], { ...policy }.require]).toEqual(['search', ['tenant']])
  live.replace({ attributionMap: { feature: ['app.area'] } })
  expect([map(span).attributes[OUTLAY.FEATURE], { ...policy }.require]).toEqual(['billing', DEFAULT_REQUIRED])
})
