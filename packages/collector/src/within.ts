/** Waits for some work, but not for ever: a step of a shutdown that hangs must not keep the others from being done. */

/** Resolves when the work is done, or when it took so long; true if it is done. Rejects as the work does before that. */
export const within = async (milliseconds: number, work: Promise<unknown>): Promise<boolean> => {
  const late = Promise.withResolvers<false>()
  const timer = setTimeout(() => late.resolve(false), milliseconds)
  try {
    return await Promise.race([work.then(() => true), late.promise])
  } finally {
    clearTimeout(timer)
  }
}
