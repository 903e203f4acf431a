import { execFileSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { tempDir } from '@outlay/testkit'
import { describe, expect, test } from 'vitest'
import { ALLOCATOR_ENVIRONMENT, NODE_FLAGS } from '../../scripts/node-memory.mjs'
import { parseConfig, variablesOf } from './parse-config.ts'
import { pathOf, readText } from './read-yaml.ts'

const FOLDER = 'deploy/systemd'
/** Where the unit expects a checkout. */
const INSTALLED = '/opt/outlay/'
/** Collector §12: from the signal to the end of the process. */
const SHUTDOWN_SECONDS_MAX = 30

const lines = readText(`${FOLDER}/outlay.service`)
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
const settings = lines.filter((line) => !line.startsWith('[')).map((line) => /^(\w+)=(.*)$/.exec(line))
const valuesOf = (key: string): readonly string[] =>
  settings.flatMap((match) => (match?.[1] === key ? [match[2] ?? ''] : []))
const only = (key: string): string => {
  const found = valuesOf(key)
  expect([key, found.length]).toEqual([key, 1])
  return found[0] ?? ''
}
const credentials = valuesOf('LoadCredential').map((text) => text.split(':')[0] ?? '')
const config = readText(`${FOLDER}/collector.yaml`)
const values = parseConfig('collector.yaml', config, {
  CREDENTIALS_DIRECTORY: '/run/credentials/outlay.service',
  OUTLAY_USER_HASH_KEY: 'k'.repeat(32),
})

describe('deploy/systemd/outlay.service', () => {
  test('is sections and settings only', () => {
    expect(lines.filter((line) => line.startsWith('['))).toEqual(['[Unit]', '[Service]', '[Install]'])
    expect(settings.filter((match) => match === null)).toEqual([])
  })

  test('starts files that exist, with the configuration beside it', () => {
    const command = only('ExecStart').split(' ')
    const installed = command.filter((part) => part.startsWith(INSTALLED))
    expect(installed).toHaveLength(2)
    for (const file of installed) expect([file, existsSync(pathOf(file.slice(INSTALLED.length)))]).toEqual([file, true])
    expect(command.slice(-5)).toEqual(['up', '--config', '/etc/outlay/collector.yaml', '--data-dir', '/var/lib/outlay'])
  })

  test('uses memory as the command does that a checkout starts', () => {
    expect(only('ExecStart')).toContain(` ${['/usr/bin/node', ...NODE_FLAGS].join(' ')} `)
    const variables = valuesOf('Environment').flatMap((text) => text.split(' '))
    expect(variables).toEqual(
      expect.arrayContaining(Object.entries(ALLOCATOR_ENVIRONMENT).map((pair) => pair.join('='))),
    )
  })

  test('keeps the log in a directory that nobody else may read', () => {
    expect(only('StateDirectory')).toBe('outlay')
    expect(only('StateDirectoryMode')).toBe('0700')
    expect(values.walDirectory).toBe('/var/lib/outlay/wal')
  })

  test.each([
    ['DynamicUser', 'yes'],
    ['NoNewPrivileges', 'yes'],
    ['ProtectSystem', 'strict'],
    ['ProtectHome', 'yes'],
    ['PrivateTmp', 'yes'],
    ['PrivateDevices', 'yes'],
    ['CapabilityBoundingSet', ''],
    ['RestrictAddressFamilies', 'AF_INET AF_INET6 AF_UNIX'],
    ['IPAddressDeny', 'any'],
    ['IPAddressAllow', 'localhost'],
    ['SystemCallFilter', '@system-service'],
    ['UMask', '0077'],
    ['Restart', 'on-failure'],
  ])('has %s=%s', (key, value) => expect(only(key)).toBe(value))

  test('bounds memory above what requests may take', () => {
    expect(only('MemoryMax')).toBe('4G')
    expect(4 * 1024).toBeGreaterThan(2 * values.inFlightMib)
  })

  test('waits for as long as a shutdown may take, and ends the collector before the engine', () => {
    expect(Number(only('TimeoutStopSec'))).toBeGreaterThan(SHUTDOWN_SECONDS_MAX)
    expect(only('KillMode')).toBe('mixed')
  })
})

describe('deploy/systemd/collector.yaml', () => {
  test('listens where the firewall of the unit lets senders reach it, with tokens', () => {
    for (const { host } of [values.httpEndpoint, values.grpcEndpoint, values.adminEndpoint])
      expect(host).toBe('127.0.0.1')
    expect(credentials).toContain(values.tokensFile?.split('/').at(-1))
  })

  test('finds every variable: from systemd, or from a credential that start-outlay.sh exports', () => {
    const directory = tempDir()
    try {
      for (const name of credentials) writeFileSync(`${directory.path}/${name}`, `${name} value\n`)
      const seen = execFileSync('/bin/sh', [pathOf(`${FOLDER}/start-outlay.sh`), 'env'], {
        env: { CREDENTIALS_DIRECTORY: directory.path, PATH: '/usr/bin:/bin' },
        encoding: 'utf8',
      }).split('\n')
      expect(seen).toContain('OUTLAY_USER_HASH_KEY=user-hash-key value')
      expect(seen.join('\n')).not.toContain('CLICKHOUSE_PASSWORD')
      for (const name of variablesOf(config)) expect(seen.join('\n')).toContain(`${name}=`)
    } finally {
      directory.remove()
    }
  })
})
