/** Authored text → values, with the line of every path. */
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml'
import type { Place, PriceBookProblem } from '#src/problem.ts'
import { placeText } from '#src/problem.ts'

export type YamlPath = readonly (string | number)[]

export interface YamlSource {
  readonly value: unknown
  /** The line of the value at the path; of its nearest existing parent if the path does not exist. */
  placeOf(path: YamlPath): Place
  /** The line of a key of the map at the path. */
  placeOfKey(path: YamlPath, key: string): Place
}

/** Reads one file. `undefined` if it is not YAML; the problems say where. */
export const readYamlSource = (file: string, text: string, problems: PriceBookProblem[]): YamlSource | undefined => {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const placeAt = (offset: number): Place => ({ file, line: lines.linePos(offset).line })
  if (document.errors.length > 0) {
    for (const error of document.errors) {
      problems.push({ code: 'E_YAML', where: placeText(placeAt(error.pos[0])), what: error.message })
    }
    return undefined
  }

  const nodeAt = (path: YamlPath): unknown => document.getIn(path, true)
  const placeOf = (path: YamlPath): Place => {
    const node = path.length === 0 ? document.contents : nodeAt(path)
    const range = (node as { range?: readonly number[] } | null | undefined)?.range
    if (range?.[0] !== undefined) return placeAt(range[0])
    return path.length === 0 ? { file, line: 1 } : placeOf(path.slice(0, -1))
  }
  const placeOfKey = (path: YamlPath, key: string): Place => {
    const map = path.length === 0 ? document.contents : nodeAt(path)
    const pair = isMap(map) ? map.items.find((item) => isScalar(item.key) && String(item.key.value) === key) : undefined
    const offset = isScalar(pair?.key) ? pair.key.range?.[0] : undefined
    return offset === undefined ? placeOf(path) : placeAt(offset)
  }
  return { value: document.toJS() as unknown, placeOf, placeOfKey }
}
