/** Every place of the command line that takes a text, read from the command tree: each with a call that is fine but for it. */
import { PassThrough } from 'node:stream'
import { createProgram } from '../../packages/cli/src/index.ts'

type Command = ReturnType<typeof createProgram>

export interface CommandCall {
  readonly command: readonly string[]
  readonly args: readonly string[]
  /** Where the text stands: a flag, or the name of an argument. */
  readonly place: string
}

/** What a command needs to come as far as it can. */
export interface GoodCall {
  /** In the order of the arguments. */
  readonly words?: readonly string[]
  readonly flags?: Readonly<Record<string, string>>
  /** Further flags, without a value. */
  readonly switches?: readonly string[]
  /** Only these places, where every call reads a whole price book; all of them where it is left out. */
  readonly places?: readonly string[]
}

const leavesOf = (
  command: Command,
  path: readonly string[] = [],
): readonly (readonly [readonly string[], Command])[] =>
  command.commands.length === 0
    ? [[path, command]]
    : command.commands.flatMap((child) => leavesOf(child, [...path, child.name()]))

const callsOf = (path: readonly string[], command: Command, good: GoodCall, text: string): readonly CommandCall[] => {
  const { words = [], flags = {}, switches = [], places } = good
  const flatten = (some: Readonly<Record<string, string>>): readonly string[] => Object.entries(some).flat()
  const inWords = command.registeredArguments.map((argument, position) => ({
    command: path,
    args: [
      ...command.registeredArguments.map((_, at) => (at === position ? text : (words[at] ?? text))),
      ...flatten(flags),
      ...switches,
    ],
    place: argument.name(),
  }))
  const inFlags = command.options
    .filter(({ required, optional }) => required || optional)
    .map(({ long }) => ({
      command: path,
      args: [...words, ...flatten({ ...flags, [long ?? '']: text }), ...switches],
      place: long ?? '',
    }))
  return [...inWords, ...inFlags].filter(({ place }) => places === undefined || places.includes(place))
}

/** Of all commands but those of `except`; one without a good call of its own is called with nothing else. */
export const commandPlaces = (
  text: string,
  { good, except }: { readonly good: Readonly<Record<string, GoodCall>>; readonly except: readonly string[] },
): readonly CommandCall[] => {
  const stream = new PassThrough()
  const context = {
    environment: {},
    stdin: stream,
    stdout: stream,
    stderr: stream,
    stop: new AbortController().signal,
    cwd: '.',
  }
  const leaves = leavesOf(createProgram(context, () => undefined)).filter(([path]) => !except.includes(path.join(' ')))
  const names = new Set(leaves.map(([path]) => path.join(' ')))
  const unknown = Object.keys(good).filter((name) => !names.has(name))
  if (unknown.length > 0) throw new Error(`BUG: no such command: ${unknown.join(', ')}`)
  return leaves.flatMap(([path, command]) => callsOf(path, command, good[path.join(' ')] ?? {}, text))
}
