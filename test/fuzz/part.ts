/** One process of a run: works through its share and reports. Started by `main.ts` with `--expose-gc`. */
import { judgeShare } from './judge-share.ts'
import type { Share } from './messages.ts'
import { sendNames } from './send-names.ts'
import { sendShare } from './send-share.ts'
import { Tally } from './tally.ts'

const share = JSON.parse(process.argv[2] ?? '{}') as Share
const tally = new Tally()
const work = { judge: judgeShare, send: sendShare, names: sendNames }[share.part]
await work(share, tally)
tally.report('done')
process.disconnect()
