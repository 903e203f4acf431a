/**
 * The order of test files. A checkout knows no durations of an earlier run, and would go by the size of files: the soak, a
 * minute long and 30 lines short, would run last and alone. Files that start engines come first, small ones fill the gaps.
 */
import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Each takes minutes of a core, or its time whatever the machine. */
const FIRST = ['test/crash/soak.test.ts', 'test/oracle/every-cell.test.ts', 'test/panel/panel.test.ts']
const STARTS_ENGINES = /^test\/(?!config|tidy)/

const rankOf = (path: string): number => {
  const first = FIRST.indexOf(path)
  if (first >= 0) return first
  return STARTS_ENGINES.test(path) ? FIRST.length : FIRST.length + 1
}

export class SlowFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOfFile = ({ moduleId, project }: TestSpecification): number =>
      // What is isolated shares no worker: it goes first, as ever.
      project.config.isolate ? -1 : rankOf(relative(this.ctx.config.root, moduleId))
    return (await super.sort(files)).toSorted((a, b) => rankOfFile(a) - rankOfFile(b))
  }
}
