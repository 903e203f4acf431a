/** One request of a batch. */
export interface BatchRequest {
  /** Unique in its batch; at most 64 letters, digits, `_` and `-`, since Anthropic takes no others. */
  readonly customId: string
  readonly prompt: string
}
