/** The pieces of work: what is sent, how, and to what. */

export interface Sending {
  readonly name: string
  readonly transport: 'http' | 'grpc'
  readonly encoding: 'protobuf' | 'json'
  readonly compression: 'identity' | 'gzip' | 'zstd'
  readonly spansPerRequest: number
  /** Prompts and outputs in the requests, as emitters send them that capture content. */
  readonly withPrompts: boolean
  /** Made-up traces of every dialect, or of our own only, whose meters are known. */
  readonly dialects: 'mixed' | 'own'
}

const LARGE = 512

const sending = (name: string, differs: Partial<Sending>): Sending => ({
  name,
  transport: 'http',
  encoding: 'protobuf',
  compression: 'gzip',
  spansPerRequest: LARGE,
  withPrompts: false,
  dialects: 'mixed',
  ...differs,
})

/** The payload of the specification; goals are judged by it. */
export const STANDARD = sending('HTTP protobuf gzip, 512 spans', {})

export const RECEIVED: readonly Sending[] = [
  STANDARD,
  sending('  with prompts', { withPrompts: true }),
  sending('HTTP protobuf gzip, 100 spans', { spansPerRequest: 100 }),
  sending('HTTP protobuf gzip, 10 spans', { spansPerRequest: 10 }),
  sending('HTTP protobuf gzip, 1 span', { spansPerRequest: 1 }),
  sending('HTTP protobuf plain, 512 spans', { compression: 'identity' }),
  sending('HTTP protobuf zstd, 512 spans', { compression: 'zstd' }),
  sending('HTTP JSON gzip, 512 spans', { encoding: 'json' }),
  sending('HTTP JSON plain, 512 spans', { encoding: 'json', compression: 'identity' }),
  sending('gRPC gzip, 512 spans', { transport: 'grpc' }),
  sending('gRPC plain, 512 spans', { transport: 'grpc', compression: 'identity' }),
  sending('gRPC gzip, 1 span', { transport: 'grpc', spansPerRequest: 1 }),
]

/** Into the ledger: half of the spans are calls. */
export const END_TO_END = sending('end to end, HTTP protobuf gzip, 512 spans', { dialects: 'own' })

/** Fewer spans in small requests: each costs a round trip. */
export const requestsOf = ({ spansPerRequest }: Sending, large: number): number =>
  Math.ceil(large * Math.min(20, Math.sqrt(LARGE / spansPerRequest)))
