/**
 * The receive path as the servers run it, without sockets and log: inflate → transcode → strip → decode. Every body is
 * refused with an error of its kind, or what is stored of it decodes, is stable and holds no canary.
 */
import { limits } from '@outlay/core'
import { decodeTraceRequest, JsonRequestError, transcodeJsonRequest, WireError } from '#src/otlp/index.ts'
import { Inflater } from '#src/otlp/inflate.ts'
import { createTraceStripper, type StrippedRequest } from '#src/redact/index.ts'
import { misplacedCanary } from './canary.ts'
import type { FuzzCase } from './fuzz-case.ts'

export type Verdict = 'taken' | 'refused' | 'not inflated'

const CONTEXT = { authority: 'local', receivedUnixNano: 1n }

export interface Judge {
  /** Rejects with what is wrong about the answer to this body. */
  readonly judge: (fuzzCase: FuzzCase) => Promise<Verdict>
  readonly judgeBody: (encoding: FuzzCase['encoding'], body: Buffer) => Exclude<Verdict, 'not inflated'>
}

const claim: (holds: boolean, what: string) => asserts holds = (holds, what) => {
  if (!holds) throw new Error(what)
}

/** The stripper may be another one, to see that a wrong one is noticed. */
export const createJudge = (stripper = createTraceStripper()): Judge => {
  const strip = (body: Buffer): StrippedRequest => stripper.strip(body)
  const inflater = new Inflater({
    bodyBytesMax: limits.requestBodyBytesMax,
    ratioMax: limits.inflationRatioMax,
    ratioFreeBytes: limits.inflationRatioFreeBytes,
    zstdFramesMax: limits.zstdFramesMax,
    concurrencyMax: 1,
    queueMax: 1,
  })

  const stripped = (encoding: FuzzCase['encoding'], body: Buffer): StrippedRequest | undefined => {
    try {
      return strip(encoding === 'json' ? transcodeJsonRequest(body.toString('utf8')) : body)
    } catch (error) {
      // Anything else would be answered with 500.
      if (error instanceof WireError || (encoding === 'json' && error instanceof JsonRequestError)) return undefined
      throw error
    }
  }

  const judgeBody: Judge['judgeBody'] = (encoding, body) => {
    const request = stripped(encoding, body)
    if (request === undefined) return 'refused'
    judgeStored(request, strip)
    return 'taken'
  }

  return {
    judgeBody,
    judge: async ({ encoding, contentEncoding, wire }) => {
      if (contentEncoding === 'identity' || wire.length === 0) return judgeBody(encoding, wire)
      const result = await inflater.inflate(contentEncoding, wire)
      claim(result.status !== 'busy', 'one body at a time found the inflater busy')
      return result.status === 'inflated' ? judgeBody(encoding, result.body) : 'not inflated'
    },
  }
}

/** What stripping lets through must decode: nothing that was acked may turn out to be poison. */
const judgeStored = (request: StrippedRequest, strip: (body: Buffer) => StrippedRequest): void => {
  const decoded = decodeTraceRequest(request.body, CONTEXT)
  claim(decoded.spans.length === request.spanCount, `${decoded.spans.length} spans decode of ${request.spanCount}`)
  claim(decoded.rejected === 0, 'a stored span is rejected when it is decoded')
  claim(strip(request.body).body === request.body, 'stripping again changes what was stripped')
  const misplaced = misplacedCanary(request.body)
  claim(misplaced === undefined, `the canary is stored in ${misplaced}`)
}
