import { outlayVersion } from '#src/outlay-version.ts'
import { type Line, ok, problem } from './diagnosis.ts'

/** The first with zstd in `node:zlib`. */
const NODE_VERSION_MIN = '22.15'

const isAtLeast = (version: string, least: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [wantMajor = 0, wantMinor = 0] = least.split('.').map(Number)
  return major > wantMajor || (major === wantMajor && minor >= wantMinor)
}

export const checkVersions = (node: string): readonly Line[] => [
  ok('versions', 'outlay', outlayVersion()),
  isAtLeast(node, NODE_VERSION_MIN)
    ? ok('versions', 'node', node)
    : problem(
        'versions',
        'node',
        `${node}; want ${NODE_VERSION_MIN} or newer`,
        'start it with the Node that the package brings',
      ),
]
