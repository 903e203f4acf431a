import type { ViewColumn } from './view-columns.ts'
import type { ViewParameter } from './view-parameters.ts'

export interface ViewDefinition {
  readonly name: string
  readonly parameters: readonly ViewParameter[]
  /** What `by` may be; empty where the view has no `by`. */
  readonly by: readonly string[]
  /** The question it answers. */
  readonly question: string
  /** In their order. */
  readonly columns: Readonly<Record<string, ViewColumn>>
}
