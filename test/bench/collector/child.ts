/** Processes of a benchmark that answer one question after the other. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

type Answer = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: string }

/** In the child: answers until the parent goes. The first message says that it is there. */
export const answerQuestions = (answer: (question: never) => Promise<unknown>, hello?: object): void => {
  process.on('message', (question) => {
    void answer(question as never).then(
      (value) => process.send?.({ ok: true, value } satisfies Answer),
      (error: unknown) => process.send?.({ ok: false, error: String(error) } satisfies Answer),
    )
  })
  process.on('disconnect', () => process.exit(0))
  process.send?.({ ok: true, value: hello } satisfies Answer)
}

export interface Child<Question> {
  readonly pid: number
  readonly hello: unknown
  ask(question: Question): Promise<unknown>
  /** Resolves when the process is gone. */
  end(): Promise<void>
}

/** The answers of a child in their order; all that is asked of one that ended fails. */
const listenTo = (child: ChildProcess, script: string): (() => Promise<unknown>) => {
  const waiting: PromiseWithResolvers<unknown>[] = []
  child.on('message', (answer: Answer) => {
    const next = waiting.shift()
    if (answer.ok) next?.resolve(answer.value)
    else next?.reject(new Error(`${script}: ${answer.error}`))
  })
  child.on('exit', () => {
    for (const next of waiting.splice(0)) next.reject(new Error(`${script} ended`))
  })
  return () => {
    const next = Promise.withResolvers<unknown>()
    waiting.push(next)
    return next.promise
  }
}

export const startChild = async <Question extends object>(
  script: string,
  { argument = '', execArgv = [] as readonly string[], environment = {} } = {},
): Promise<Child<Question>> => {
  const child = fork(`${import.meta.dirname}/${script}`, [argument], {
    execArgv: [...execArgv],
    env: { ...process.env, ...environment },
  })
  const nextAnswer = listenTo(child, script)
  const hello = await nextAnswer()
  return {
    pid: child.pid ?? 0,
    hello,
    ask: (question) => {
      child.send(question)
      return nextAnswer()
    },
    end: async () => {
      const gone = once(child, 'exit')
      child.disconnect()
      await gone
    },
  }
}
