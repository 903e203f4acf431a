/** The dialect table (spec: counters §3). A change to any row raises its `rev` and `RULES_VERSION`. */
import type { DialectRule } from './dialect-rule.ts'
import { AI_SDK_DIALECTS } from './dialects/ai-sdk.ts'
import { FRAMEWORK_DIALECTS } from './dialects/frameworks.ts'
import { OPENINFERENCE_DIALECTS } from './dialects/openinference.ts'
import { PLATFORM_DIALECTS } from './dialects/platforms.ts'
import { SEMCONV_DIALECTS } from './dialects/semconv.ts'
import { TRACELOOP_DIALECTS } from './dialects/traceloop.ts'
import { VENDOR_DIALECTS } from './dialects/vendors.ts'

/** Version of everything that decides a row: dialect rules, alias chains, provider shapes, classification. */
export const RULES_VERSION = '2026-11-23.3'

export const DIALECT_RULES: readonly DialectRule[] = [
  ...TRACELOOP_DIALECTS,
  ...OPENINFERENCE_DIALECTS,
  ...AI_SDK_DIALECTS,
  ...PLATFORM_DIALECTS,
  ...FRAMEWORK_DIALECTS,
  ...VENDOR_DIALECTS,
  // Last: of several rules that match by attributes alone, the earlier row wins.
  ...SEMCONV_DIALECTS,
]
