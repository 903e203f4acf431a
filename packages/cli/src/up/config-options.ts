/** The options that are part of the collector's configuration, of every command that takes it. */
import type { Command } from 'commander'
import { collectTexts, parsePort } from '#src/parse-option.ts'

export const withConfigOptions = (command: Command): Command =>
  command
    .option('--config <file>', 'a collector.yaml; repeatable, later files go before earlier ones', collectTexts)
    .option('--set <key=value>', 'one setting, such as processors.redact.mode=known_only; repeatable', collectTexts)
    .option('--database <name>', 'database of the ledger (default: "outlay")')
    .option('--host <address>', 'address that OTLP, panel and metrics listen on (default: "127.0.0.1")')
    .option('--admin-host <address>', 'address that panel and metrics listen on, if not that of --host')
    .option('--tokens <file>', 'take spans only with a token of this file; see `outlay tokens create`')
    .option('--insecure-allow-unauthenticated', 'accept spans from other hosts without a token', false)
    .option('--otlp-port <port>', 'OTLP/HTTP, 0 = any (default: 4318)', parsePort)
    .option('--otlp-grpc-port <port>', 'OTLP/gRPC, 0 = any (default: 4317)', parsePort)
    .option('--admin-port <port>', 'web panel, metrics and health, 0 = any (default: 4319)', parsePort)
