import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { assertIdentifier } from './schema/render-sql.ts'

/** Where the database is and who we are there. */
export interface ConnectionSettings {
  /** Base URL of the ClickHouse HTTP interface, e.g. `http://127.0.0.1:8123`. */
  readonly url: string
  readonly username: string
  readonly password: string
  /** Database of the ledger, e.g. `outlay`. */
  readonly database: string
  /** Requests that run at once; further ones wait here, and not in the queue of the server. */
  readonly connectionsMax?: number
}

const REQUEST_TIMEOUT_MS = 120_000
// Below the server's keep-alive, so that a socket is never used just as the server closes it.
const IDLE_SOCKET_MS = 2_500

export const connect = ({
  url,
  username,
  password,
  database,
  connectionsMax,
}: ConnectionSettings): ClickHouseClient => {
  assertIdentifier(database, 'database')
  return createClient({
    url,
    username,
    password,
    request_timeout: REQUEST_TIMEOUT_MS,
    ...(connectionsMax === undefined ? {} : { max_open_connections: connectionsMax }),
    keep_alive: { idle_socket_ttl: IDLE_SOCKET_MS },
    // Failures are returned to the caller, who says what they mean; the client's own lines would repeat statements.
    log: { level: ClickHouseLogLevel.OFF },
    compression: { request: false, response: false },
    // Money and 64-bit counters travel as decimal text: a JSON number would lose digits.
    clickhouse_settings: { output_format_json_quote_64bit_integers: 1, output_format_json_quote_decimals: 1 },
  })
}

export type { ClickHouseClient }
