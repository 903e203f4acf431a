/** `@outlay/instrumentation/langchain`: LangChain and LangGraph. */
export { OutlayCallbackHandler } from './frameworks/langchain/handler.ts'
