/** The programs as tests have them; what needs them is skipped where they cannot be had. */
import { inject, type TestContext } from 'vitest'
import type { GoProgram } from './go-programs.ts'

export const isGoMissing = (): boolean => 'missing' in inject('goPrograms')

export const skipWithoutGo = ({ skip }: TestContext): void => {
  const programs = inject('goPrograms')
  if ('missing' in programs) skip(`this machine lacks ${programs.missing}`)
}

export const pathOfProgram = (name: GoProgram): string => {
  const programs = inject('goPrograms')
  if ('missing' in programs) throw new Error('BUG: no Go to run programs of')
  return programs.paths[name]
}
