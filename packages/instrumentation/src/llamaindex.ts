/** `@outlay/instrumentation/llamaindex`: LLMs and embedding models of LlamaIndex. */
export { outlayModel } from './frameworks/llamaindex/model.ts'
