/** Fan-out: parts of a task that run side by side, or in jobs of their own. */
import { digestOf, limits } from '@outlay/core'
import { currentAttribution, type TaskOptions, withTask } from './attribution-context.ts'

const DIGEST_BYTES = 12

/**
 * Runs `fn` as the part `key` of the current task: a task of its own, which names the current one as its parent. Its id follows
 * from the parent's id and `key`, so that a retry of the fan-out keeps the ids. Each model call in it has a leaf id of its own.
 *
 * ```ts
 * await Promise.all(mails.map((mail, index) => withBranch(index, () => triage(mail))))
 * ```
 * The task type is the parent's unless `type` says otherwise. Without a current task it is one by itself. Fails as
 * `withAttribution` does.
 */
export const withBranch = <Result>(
  key: string | number,
  fn: () => Result,
  options: Omit<TaskOptions, 'id'> = {},
): Result => {
  const { task, taskType } = currentAttribution()
  return withTask({ type: taskType, ...options, id: task === undefined ? undefined : branchId(task, key) }, fn)
}

/** Readable where it fits, else a digest that is as stable. */
const branchId = (task: string, key: string | number): string => {
  const id = `${task}/${key}`
  if (Buffer.byteLength(id) <= limits.instrumentation.attributionValueBytesMax) return id
  return `task_${digestOf([task, String(key)], DIGEST_BYTES).toString('hex')}`
}
