/** `target` with some of its methods replaced. The rest is the target's own, private fields included, and so is its class. */
export const around = <Target extends object>(target: Target, replaced: Partial<Target>): Target =>
  new Proxy(target, {
    get(_, name) {
      const replacement: unknown = Reflect.get(replaced, name)
      if (replacement !== undefined) return replacement
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
