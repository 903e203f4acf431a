/** `@outlay/instrumentation/mastra`: models of Mastra's agents. */
export { outlayModel, type RoutedModel } from './frameworks/mastra/model.ts'
