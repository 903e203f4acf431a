/**
 * Passes attribution on from a workflow to what it starts. Give its path to the worker, which bundles it for the sandbox:
 * `workflowModules: [fileURLToPath(import.meta.resolve('@outlay/instrumentation/temporal-workflow'))]`. Nothing of Node in here.
 */
import type { WorkflowInterceptors } from '@temporalio/workflow'
import { TEMPORAL_HEADER } from './propagation/temporal-header.ts'

type Headers = Readonly<Record<string, unknown>>

/** The name that Temporal looks for; called once per workflow. What signals and updates do is done for whoever started the workflow. */
export const interceptors = (): WorkflowInterceptors => {
  let carried: unknown
  const carry = <Input extends { readonly headers: Headers }, Result>(
    input: Input,
    next: (input: Input) => Result,
  ): Result =>
    next(carried === undefined ? input : { ...input, headers: { [TEMPORAL_HEADER]: carried, ...input.headers } })
  return {
    inbound: [
      {
        execute: (input, next) => {
          carried = input.headers[TEMPORAL_HEADER]
          return next(input)
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: carry,
        scheduleLocalActivity: carry,
        startChildWorkflowExecution: carry,
        continueAsNew: carry,
      },
    ],
  }
}
