/**
 * A function of short texts that remembers what it found: names come back with every span. Senders choose them, so it
 * forgets all rather than grow without bound.
 */
const TEXTS_MAX = 2_000
const CHARACTERS_MAX = 256

export const remembering = <Found>(find: (text: string) => Found): ((text: string) => Found) => {
  const remembered = new Map<string, Found>()
  return (text) => {
    const known = remembered.get(text)
    if (known !== undefined || remembered.has(text)) return known as Found
    const found = find(text)
    if (text.length > CHARACTERS_MAX) return found
    if (remembered.size >= TEXTS_MAX) remembered.clear()
    remembered.set(text, found)
    return found
  }
}
