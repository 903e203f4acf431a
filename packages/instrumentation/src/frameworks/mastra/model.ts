/** Models for Mastra's agents: of the AI SDK, or by Mastra's own router. */
import { ModelRouterLanguageModel } from '@mastra/core/llm'
import { type AiSdkLanguageModel, observeLanguageModel } from '#src/frameworks/ai-sdk/observe-model.ts'

/** As Mastra's router takes them: `openai/gpt-5`, or an object with an id or a URL. */
export type RoutedModel = ConstructorParameters<typeof ModelRouterLanguageModel>[0]

/** Models from version 5 of the AI SDK on, whose generations Mastra knows by their specification. */
interface OutlayModel {
  (model: RoutedModel): ModelRouterLanguageModel
  <Model extends AiSdkLanguageModel>(model: Model): Model
}

const isModel = (model: unknown): model is AiSdkLanguageModel =>
  typeof model === 'object' && model !== null && 'doGenerate' in model && 'doStream' in model

/**
 * A model of the same type whose calls are attributed and counted, and refused without required attribution.
 *
 * ```ts
 * new Agent({ id: 'triage', name: 'Triage', instructions, model: outlayModel('openai/gpt-5') })
 * ```
 */
export const outlayModel: OutlayModel = (model: RoutedModel | AiSdkLanguageModel) =>
  observeLanguageModel(isModel(model) ? model : new ModelRouterLanguageModel(model)) as never
