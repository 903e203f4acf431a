import { OUTLAY, type SpanEvidence } from '@outlay/semconv'
import { expect, test } from 'vitest'
import { DEFAULT_REQUIRED } from '#src/collector-settings.ts'
import { createLiveAttribution } from '#src/pipeline/live-attribution.ts'

const span = { attributes: { 'app.feature': 'search', 'app.area': 'billing' }, resource: {} } as unknown as SpanEvidence

test('whoever asks sees what was configured last, and goes on with what was asked for', () => {
  const live = createLiveAttribution({ attributionMap: { feature: ['app.feature'] }, require: ['tenant'] })
  const before = live.map
  const policy = {
    get require() {
      return live.require
    },
  }
  expect([live.map(span).attributes[OUTLAY.FEATURE], { ...policy }.require]).toEqual(['search', ['tenant']])
  live.replace({ attributionMap: { feature: ['app.area'] } })
  expect([live.map(span).attributes[OUTLAY.FEATURE], { ...policy }.require]).toEqual(['billing', DEFAULT_REQUIRED])
  expect(before(span).attributes[OUTLAY.FEATURE]).toBe('search')
})
