import { engineLimits } from '../limits.ts'
import { Fault } from './fault.ts'

/** About the exchange itself: accepted and without effect, because every answer here is complete before it is sent. */
const TRANSPORT =
  /^(wait_end_of_query|enable_http_compression|http_\w+|client_protocol_version|async_insert|wait_for_async_insert|limit|log_\w+|send_logs_level|send_progress_in_http_headers|add_http_cors_header|cancel_http_readonly_queries_on_client_close|buffer_size)$/

/** How a result is written: a reader may choose. `output_format_schema` and the like, which name files, are not here. */
const OUTPUT =
  /^(output_format_(json|csv|tsv|pretty|native|binary|decimal|float|values|markdown|arrow|parquet|always_write|write_statistics|trim|enable_streaming|parallel_formatting)\w*|date_time_output_format|date_time_64_output_format_\w+)$/

const NAME = /^[a-z][a-z0-9_]*$/i

const boundedSeconds = (value: string, secondsMax: number): string => {
  const seconds = Number(value)
  if (!Number.isFinite(seconds) || seconds < 0) {
    throw new Fault(72, 'CANNOT_PARSE_NUMBER', 'max_execution_time is not a number of seconds')
  }
  return String(seconds === 0 ? secondsMax : Math.min(seconds, secondsMax))
}

/**
 * What a reader's connection is set to before its statement: limits first, then the few things it may choose,
 * `readonly=1` last, which cannot be undone from within. Code 115 names a setting that a reader cannot have.
 */
export const readerSettings = (requested: ReadonlyMap<string, string>, threads: number): Map<string, string> => {
  const settings = new Map([
    ['max_execution_time', String(engineLimits.readerSecondsMax)],
    ['max_memory_usage', String(engineLimits.readerMemoryBytesMax)],
    ['max_result_rows', String(engineLimits.resultRowsMax)],
    ['max_result_bytes', String(engineLimits.resultBytesMax)],
    ['result_overflow_mode', 'throw'],
    ['max_threads', String(threads)],
    // Room for what is put before the statement: EXPLAIN AST, the tag.
    ['max_query_size', String(engineLimits.readerQueryBytesMax + 1024)],
    // Off, so that `EXPLAIN AST x` cannot be read as a SELECT of a column called EXPLAIN.
    ['implicit_select', '0'],
  ])
  for (const [name, value] of requested) {
    if (TRANSPORT.test(name)) continue
    if (name === 'max_execution_time') settings.set(name, boundedSeconds(value, engineLimits.readerSecondsMax))
    else if (OUTPUT.test(name)) settings.set(name, value)
    else
      throw new Fault(
        115,
        'UNKNOWN_SETTING',
        `Setting ${name} is unknown or not available to readers of the embedded engine`,
      )
  }
  return settings.set('readonly', '1')
}

/** For `collector` and `migrator`: any setting that the engine knows, under limits that bound this process. */
export const serviceSettings = (requested: ReadonlyMap<string, string>): Map<string, string> => {
  const settings = new Map([
    ['async_insert', '0'],
    ['max_query_size', String(engineLimits.serviceQueryBytesMax)],
    ['max_execution_time', String(engineLimits.serviceSecondsMax)],
    ['max_result_bytes', String(engineLimits.serviceResultBytesMax)],
    ['result_overflow_mode', 'throw'],
    ['implicit_select', '0'],
  ])
  for (const [name, value] of requested) {
    if (TRANSPORT.test(name)) continue
    if (!NAME.test(name) || name.startsWith('param_'))
      throw new Fault(115, 'UNKNOWN_SETTING', 'A setting has a malformed name')
    settings.set(name, value)
  }
  return settings
}

/**
 * The settings that make "same token, same rows, counted once" true, for a body and for its materialized views.
 * They win over whatever the client sent: a retry must be cut into blocks exactly like its first attempt.
 */
export const PINNED_INSERT_SETTINGS: ReadonlyMap<string, string> = new Map([
  ['async_insert', '0'],
  ['deduplicate_insert', 'enable'],
  ['deduplicate_insert_select', 'force_enable'],
  ['deduplicate_blocks_in_dependent_materialized_views', '1'],
  ['max_insert_block_size', '1048449'],
  ['min_insert_block_size_rows', '1048449'],
  ['min_insert_block_size_bytes', '268402944'],
  ['max_insert_threads', '1'],
  ['max_threads', '1'],
  ['input_format_parallel_parsing', '0'],
  ['materialized_views_ignore_errors', '0'],
  ['max_partitions_per_insert_block', '100'],
])
