/** What a command gets from the process; injected, so that commands run in tests as they run in a terminal. */
export interface CommandContext {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly stdin: NodeJS.ReadableStream
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number }
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean }
  /** Aborted by the first SIGINT or SIGTERM; the reason is its name. */
  readonly stop: AbortSignal
  readonly cwd: string
  /** Called at every SIGHUP, for commands that read their files again; the others end by it. */
  onHangup?(listener: () => void): void
}

/** Exit codes of every command. */
export const EXIT = { done: 0, finding: 1, usage: 2, unreachable: 3 } as const
