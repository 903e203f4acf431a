/** What the registry's linters say of a tarball. */
import { readFileSync } from 'node:fs'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

/**
 * The packages are ESM only: `require()` of them works from Node 22.12 on, so a resolver that calls that an error, or that
 * knows no `exports` at all, is older than what we support.
 */
const ACCEPTED = new Set(['CJSResolvesToESM'])
const OLD_RESOLVER = 'node10'

export const publishedProblems = async (tarball: string): Promise<readonly string[]> => {
  const bytes = readFileSync(tarball)
  const { messages, pkg } = await publint({ pack: { tarball: new Uint8Array(bytes).buffer }, strict: true })
  const linted = messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code)
  const checked = await checkPackage(createPackageFromTarballData(new Uint8Array(bytes)))
  if (checked.types === false) return [...linted, 'the package has no types']
  const typed = checked.problems
    .filter((problem) => !ACCEPTED.has(problem.kind))
    .filter((problem) => !('resolutionKind' in problem) || problem.resolutionKind !== OLD_RESOLVER)
    .map((problem) => JSON.stringify(problem))
  return [...linted, ...typed]
}
