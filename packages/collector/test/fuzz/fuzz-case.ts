/** Seed and number → one body as it goes over the wire. */
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import type { Corpus } from './corpus.ts'
import { JSON_MUTATIONS } from './mutate-json.ts'
import { PROTOBUF_MUTATIONS } from './mutate-protobuf.ts'
import { Random, seedOf } from './random.ts'

export interface FuzzCase {
  readonly encoding: 'protobuf' | 'json'
  readonly contentEncoding: 'identity' | 'gzip' | 'zstd' | 'deflate'
  readonly wire: Buffer
  /** Names of what was done to it, for reports. */
  readonly mutations: readonly string[]
}

export interface CaseMaker {
  make(index: number): FuzzCase
}

const COMPRESSORS = {
  gzip: (body: Buffer) => gzipSync(body, { level: 1 }),
  zstd: (body: Buffer) => zstdCompressSync(body),
  deflate: (body: Buffer) => deflateSync(body, { level: 1 }),
} as const

const ROUNDS_MAX = 3
/** Three in ten bodies are JSON, three in ten are compressed. */
const TENTHS = 10
const JSON_TENTHS = 3
const COMPRESSED_TENTHS = 3

export const createCaseMaker = (seed: number, corpus: Corpus): CaseMaker => {
  const texts = corpus.json.map((request) => JSON.stringify(request))
  const mutations = Object.entries(PROTOBUF_MUTATIONS)
  const jsonMutations = Object.entries(JSON_MUTATIONS)

  const protobufBody = (random: Random, done: string[]): Buffer => {
    let body = random.pick(corpus.protobuf)
    for (let left = random.between(1, ROUNDS_MAX); left > 0; left -= 1) {
      const [name, mutate] = random.pick(mutations)
      try {
        body = mutate(body, random, corpus)
        done.push(name)
      } catch {
        // What an earlier change broke has no tree any more: it is wrong enough.
        break
      }
    }
    return body
  }

  const jsonBody = (random: Random, done: string[]): Buffer => {
    let text = random.pick(texts)
    for (let left = random.between(1, ROUNDS_MAX); left > 0; left -= 1) {
      const [name, mutate] = random.pick(jsonMutations)
      try {
        text = mutate(text, random, texts)
        done.push(name)
      } catch {
        break
      }
    }
    return Buffer.from(text)
  }

  return {
    make: (index) => {
      const random = new Random(seedOf(seed, index))
      const done: string[] = []
      const encoding = random.below(TENTHS) < JSON_TENTHS ? 'json' : 'protobuf'
      const body = encoding === 'json' ? jsonBody(random, done) : protobufBody(random, done)
      if (random.below(TENTHS) >= COMPRESSED_TENTHS) {
        return { encoding, contentEncoding: 'identity', wire: body, mutations: done }
      }
      const contentEncoding = random.pick(['gzip', 'gzip', 'zstd', 'zstd', 'deflate'] as const)
      const compressed = COMPRESSORS[contentEncoding](body)
      if (random.chance(2)) return { encoding, contentEncoding, wire: compressed, mutations: done }
      const blind = random.pick(['truncated', 'flipped', 'replaced bytes', 'noise', 'doubled'] as const)
      const wire = PROTOBUF_MUTATIONS[blind]?.(compressed, random, { protobuf: [compressed], json: [] }) ?? compressed
      return { encoding, contentEncoding, wire, mutations: [...done, `${contentEncoding} ${blind}`] }
    },
  }
}
