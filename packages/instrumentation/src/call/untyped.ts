/** Reading values that come from outside. Nothing here throws or converts. */

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Field of an object; `undefined` where there is none. */
export const fieldOf = (value: unknown, name: string): unknown => (isObject(value) ? value[name] : undefined)

export const textOf = (value: unknown, name: string): string | undefined => {
  const field = fieldOf(value, name)
  return typeof field === 'string' && field !== '' ? field : undefined
}

export const countOf = (value: unknown, name: string): number | undefined => {
  const field = fieldOf(value, name)
  return typeof field === 'number' && Number.isFinite(field) ? field : undefined
}

export const objectOf = (value: unknown, name: string): Record<string, unknown> | undefined => {
  const field = fieldOf(value, name)
  return isObject(field) ? field : undefined
}
