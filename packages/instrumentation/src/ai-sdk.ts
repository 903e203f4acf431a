/** `@outlay/instrumentation/ai-sdk`: Vercel AI SDK 5, 6 and 7. */
export {
  type EmbeddingMiddleware,
  type ImageMiddleware,
  type LanguageMiddleware,
  outlayEmbeddingMiddleware,
  outlayImageMiddleware,
  outlayMiddleware,
} from './frameworks/ai-sdk/middleware.ts'
export { type OutlayTelemetry, outlayTelemetry } from './frameworks/ai-sdk/telemetry.ts'
