/** Which keys two configurations differ in. Values are compared as they are, secrets too; only paths are told. */
import { isDeepStrictEqual } from 'node:util'
import { CONFIG_KEYS, type ConfigValues, isConfigKey } from './config-keys.ts'

export const changedKeys = (before: ConfigValues, after: ConfigValues): readonly string[] =>
  pathsOf(CONFIG_KEYS, before, after)

const pathsOf = (keys: object, before: object, after: object): readonly string[] =>
  Object.entries(keys).flatMap(([name, entry]: [string, object]) => {
    const [was, is] = [valueAt(before, name), valueAt(after, name)]
    if (!isConfigKey(entry)) return pathsOf(entry, was as object, is as object)
    return isDeepStrictEqual(was, is) ? [] : [entry.path]
  })

const valueAt = (values: object, name: string): unknown => (values as Readonly<Record<string, unknown>>)[name]
