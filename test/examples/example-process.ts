/** Runs an example's own entry points as a user does, each in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export const EXAMPLES = join(import.meta.dirname, '../../examples')

export interface Ended {
  /** Exit code, or the signal that ended it. */
  readonly code: number | string
  /** Both streams, in order of arrival. */
  readonly output: string
}

/** Ended by `await using` as well, so that a test that fails leaves none behind. */
export interface ExampleProcess extends AsyncDisposable {
  /** Resolves with the first match in what it prints; rejects if it ends before. */
  prints(pattern: RegExp): Promise<RegExpExecArray>
  /** SIGTERM; resolves when it has ended. */
  stop(): Promise<Ended>
  ended(): Promise<Ended>
}

export interface ExampleCommand {
  /** Folder below `examples`. */
  readonly example: string
  /** A script of the example, or of one of its packages, and its arguments. */
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** Default: the example's folder. */
  readonly cwd?: string
}

/** Nothing of this process is in its environment but where programs are found. */
export const startExample = ({ example, args, environment, cwd }: ExampleCommand): ExampleProcess => {
  const folder = join(EXAMPLES, example)
  const [script = '', ...rest] = args
  const child: ChildProcess = spawn(process.execPath, [join(folder, script), ...rest], {
    cwd: cwd ?? folder,
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  let output = ''
  const onOutput = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (bytes: Buffer) => {
      output += bytes.toString('utf8')
      for (const look of onOutput) look()
    })
  }
  const ended = async (): Promise<Ended> => {
    const [code, signal] = await closed
    return { code: code ?? signal ?? '', output }
  }
  const stop = (): Promise<Ended> => {
    child.kill('SIGTERM')
    return ended()
  }
  return {
    prints: (pattern) =>
      new Promise((found, failed) => {
        const look = (): void => {
          const match = pattern.exec(output)
          if (match !== null) found(match)
        }
        onOutput.add(look)
        look()
        closed.then(() => failed(new Error(`it ended without ${pattern}:\n${output}`)), failed)
      }),
    stop,
    ended,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await closed
    },
  }
}

export const runExample = (command: ExampleCommand): Promise<Ended> => startExample(command).ended()
