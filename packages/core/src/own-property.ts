/**
 * Objects whose keys come from senders. They have the common prototype, because objects without one are several times
 * slower to fill and to read; `__proto__` is then the only name that assignment does not take for a name.
 */
export const setOwn = <Value>(target: Record<string, Value>, key: string, value: Value): void => {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true })
  } else {
    target[key] = value
  }
}
