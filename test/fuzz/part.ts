/** One process of a run: works through its share and reports. Started by `main.ts` with `--expose-gc`. */
import { judgeShare } from './judge-share.ts'
import type { Share } from './messages.ts'
import { sendShare } from './send-share.ts'
import { Tally } from './tally.ts'

const share = JSON.parse(process.argv[2] ?? '{}') as Share
const tally = new Tally()
await (share.part === 'judge' ? judgeShare : sendShare)(share, tally)
tally.report('done')
process.disconnect()
