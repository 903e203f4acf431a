/** Edits (insert, delete, replace) between two words. */
const editDistanceOf = (a: string, b: string): number => {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1)
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1))
    }
    previous = current
  }
  return previous[b.length] ?? 0
}

/** `did you mean …?` for a word that is close to a known one, else the empty string. */
export const suggestionFor = (word: string, known: readonly string[]): string => {
  const distances = known.map((candidate) => ({ candidate, distance: editDistanceOf(word, candidate) }))
  const nearest = distances.toSorted((a, b) => a.distance - b.distance)[0]
  const near = nearest !== undefined && nearest.distance <= Math.max(2, Math.floor(word.length / 3))
  return near ? `, did you mean "${nearest.candidate}"?` : ''
}
