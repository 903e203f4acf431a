/** Whom a client talks to: part of the price, and the better witness when a compatible endpoint is used. */
import type { Attributes } from '@opentelemetry/api'
import { providerOfHost } from '@outlay/semconv'
import { ATTR } from '#src/attribute-names.ts'

export interface Server {
  readonly provider: string
  /** The host is known to be the provider's own. */
  readonly isOwnHost: boolean
  readonly attributes: Attributes
}

/** Also behind a private endpoint. The region tells GovCloud from the rest. */
const BEDROCK = /(?:^|\.)bedrock[a-z-]*\.([a-z0-9-]+)\.(?:vpce\.)?amazonaws\.com(?:\.cn)?$/

/** Hosts that name a region, which changes the price: OpenAI's data residency, and AWS. */
const REGIONS = [/^([a-z]{2})\.api\.openai\.com$/, BEDROCK]

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 }

/** `maker` bills unless the host says otherwise. */
export const parseServer = (baseUrl: string, maker: string): Server => {
  if (!URL.canParse(baseUrl)) return { provider: maker, isOwnHost: false, attributes: {} }
  const { hostname, port, protocol } = new URL(baseUrl)
  const address = hostname.replace(/^\[(.*)\]$/, '$1')
  const biller = providerOfHost(address)
  const region = REGIONS.map((host) => host.exec(address)?.[1]).find((name) => name !== undefined)
  return {
    provider: biller || maker,
    isOwnHost: biller !== '',
    attributes: {
      [ATTR.serverAddress]: address,
      [ATTR.serverPort]: port === '' ? (DEFAULT_PORTS[protocol] ?? 443) : Number(port),
      ...(region === undefined ? {} : { [ATTR.region]: region }),
    },
  }
}

/** Asks for the URL at each call, since SDKs may settle it late, and parses it once. */
export const createServerReader = (baseUrlOf: () => string, maker: string): (() => Server) => {
  let baseUrl = ''
  let server = parseServer(baseUrl, maker)
  return () => {
    const current = baseUrlOf()
    if (current !== baseUrl) {
      baseUrl = current
      server = parseServer(baseUrl, maker)
    }
    return server
  }
}
