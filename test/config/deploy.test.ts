import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ALLOCATOR_ENVIRONMENT, NODE_FLAGS } from '../../scripts/node-memory.mjs'
import { pathOf, readText, readYaml } from './read-yaml.ts'

interface Service {
  readonly image?: string
  readonly build?: { readonly context: string; readonly dockerfile: string }
  readonly command?: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly ports: readonly string[]
  readonly volumes: readonly string[]
}

const compose = readYaml('deploy/compose.yaml') as {
  readonly services: Readonly<Record<'clickhouse' | 'outlay' | 'grafana', Service>>
  readonly volumes: Readonly<Record<string, unknown>>
}
const { clickhouse, outlay, grafana } = compose.services
const services = Object.entries(compose.services)

/** `source:target[:ro]` of every volume. */
const mounts = services.flatMap(([name, { volumes }]) =>
  volumes.map((volume) => {
    const [source = '', target = '', mode = ''] = volume.split(':')
    return { name, source, target, mode }
  }),
)
const bound = mounts.filter(({ source }) => source.startsWith('.'))
const targetOf = (source: string): string | undefined => bound.find((mount) => mount.source === source)?.target

describe('deploy/compose.yaml', () => {
  test.each(bound)('mounts $source, which exists, read-only', ({ source, mode }) => {
    expect(existsSync(pathOf(`deploy/${source}`))).toBe(true)
    expect(mode).toBe('ro')
  })

  test('declares every named volume, and uses every one that it declares', () => {
    const named = mounts.filter(({ source }) => !source.startsWith('.')).map(({ source }) => source)
    expect(new Set(named)).toEqual(new Set(Object.keys(compose.volumes)))
  })

  test('publishes on loopback only', () => {
    for (const [name, { ports }] of services) {
      for (const port of ports) expect([name, port]).toEqual([name, expect.stringMatching(/^127[.]0[.]0[.]1:\d+:\d+$/)])
    }
  })

  test('pins every image to a version', () => {
    const tags = services.flatMap(([, { image }]) => (image === undefined ? [] : [image.split(':')[1] ?? '']))
    expect(tags).toHaveLength(2)
    for (const tag of tags) expect(tag).toMatch(/^\d+[.]\d+/)
  })

  test('takes every password from the environment, the same one on both of its ends', () => {
    const passwords = services.flatMap(([, { environment }]) =>
      Object.entries(environment).filter(([key]) => key.endsWith('PASSWORD')),
    )
    for (const [key, value] of passwords)
      expect([key, value]).toEqual([key, expect.stringMatching(/^[$][{]OUTLAY_\w+:-/)])
    expect(outlay.environment['CLICKHOUSE_PASSWORD']).toBe(clickhouse.environment['OUTLAY_DB_PASSWORD'])
    expect(grafana.environment['OUTLAY_GRAFANA_PASSWORD']).toBe(clickhouse.environment['OUTLAY_GRAFANA_PASSWORD'])
  })

  test('keeps the write-ahead log on a volume and listens beyond the loopback of its container', () => {
    expect(outlay.command).toEqual([
      'up',
      '--host',
      '0.0.0.0',
      '--insecure-allow-unauthenticated',
      '--data-dir',
      '/data',
    ])
    expect(outlay.volumes).toContain('outlay-data:/data')
  })
})

describe('Grafana in compose', () => {
  test('has every variable that its provisioning files read', () => {
    const files = ['datasources', 'dashboards'].map((kind) => `deploy/grafana/provisioning/${kind}/outlay.yaml`)
    const read = files.flatMap((file) => [...readText(file).matchAll(/[$](\w+)/g)].map(([, name]) => name ?? ''))
    expect(read.length).toBeGreaterThan(0)
    for (const name of read) expect(Object.keys(grafana.environment)).toContain(name)
  })

  test('finds the dashboards where the provider looks for them', () => {
    const providers = readYaml('deploy/grafana/provisioning/dashboards/outlay.yaml') as {
      providers: readonly { options: { path: string } }[]
    }
    expect(providers.providers.map(({ options }) => options.path)).toEqual([targetOf('./grafana/dashboards')])
  })
})

describe('users of the server', () => {
  const xml = readText('deploy/clickhouse/users.d/outlay.xml')

  test.each([
    ['users', xml],
    ['config', readText('deploy/clickhouse/config.d/outlay.xml')],
  ])('are well-formed, in %s.d: every element closes in order', (_, text) => {
    const tags = [...text.replaceAll(/<!--.*?-->/gs, '').matchAll(/<([/]?)(\w+)[^<>]*?([/]?)>/g)]
    const open: string[] = []
    const crossed = tags.filter(([, close, name = '', selfClosing]) => {
      if (close) return open.pop() !== name
      if (!selfClosing) open.push(name)
      return false
    })
    expect({ crossed, open }).toEqual({ crossed: [], open: [] })
    expect(tags.length).toBeGreaterThan(10)
  })

  test('have profiles and quotas that the file defines; the collector is never refused by its quota', () => {
    const section = (name: string): string => new RegExp(`<${name}>(.*?)</${name}>`, 's').exec(xml)?.[1] ?? ''
    const users = section('users')
    for (const [kind, definitions] of [
      ['profile', section('profiles')],
      ['quota', section('quotas')],
    ] as const) {
      const used = [...users.matchAll(new RegExp(`<${kind}>(\\w+)</${kind}>`, 'g'))].map(([, name]) => name)
      expect(used).toEqual(['outlay_collector', 'outlay_reader'])
      for (const name of used) expect(definitions).toContain(`<${name}>`)
    }
    const [quota = ''] = /<outlay_collector>.*?<[/]outlay_collector>/s.exec(section('quotas')) ?? []
    const bounds = [...quota.matchAll(/<(queries|errors|execution_time)>(\d+)</g)].map(([, , value]) => value)
    expect(bounds).toEqual(['0', '0', '0'])
  })

  test('of a tenant find their profile and their prefix in the files of the server', () => {
    expect(readText('deploy/clickhouse/tenant-reader.sql')).toContain("SETTINGS PROFILE 'outlay_tenant'")
    expect(xml).toMatch(/<outlay_tenant>\s*<readonly>1<[/]readonly>/)
    expect(readText('deploy/clickhouse/config.d/outlay.xml')).toContain(
      '<custom_settings_prefixes>SQL_</custom_settings_prefixes>',
    )
  })

  test('read their passwords from variables that the server has', () => {
    const read = [...xml.matchAll(/from_env="(\w+)"/g)].map(([, name]) => name)
    expect(read).toEqual(['OUTLAY_DB_PASSWORD', 'OUTLAY_GRAFANA_PASSWORD'])
    for (const name of read) expect(Object.keys(clickhouse.environment)).toContain(name)
  })

  test('are those that the collector and the data source log in as', () => {
    const sources = readYaml('deploy/grafana/provisioning/datasources/outlay.yaml') as {
      datasources: readonly { jsonData: { username: string } }[]
    }
    for (const name of [outlay.environment['CLICKHOUSE_USER'], sources.datasources[0]?.jsonData.username]) {
      expect(xml).toContain(`<${name}>`)
    }
  })
})

describe('deploy/Dockerfile', () => {
  const dockerfile = readText('deploy/Dockerfile')
  const ignored = readText('deploy/Dockerfile.dockerignore').split('\n')

  test('is the one that compose builds, from the root', () => {
    expect(outlay.build).toEqual({ context: '..', dockerfile: 'deploy/Dockerfile' })
  })

  test('copies only paths that exist and that its ignore file lets through', () => {
    const sources = [...dockerfile.matchAll(/^COPY (.+)$/gm)].flatMap(([, list = '']) => list.split(' ').slice(0, -1))
    expect(sources).not.toEqual([])
    for (const source of sources) {
      expect([source, existsSync(pathOf(source))]).toEqual([source, true])
      expect(ignored).toContain(`!${source}`)
    }
  })

  test('uses the pinned Node and pnpm, starts the command, and runs as nobody special', () => {
    const root = JSON.parse(readText('package.json')) as { devDependencies: Record<string, string> }
    expect(dockerfile).toContain(`FROM node:${root.devDependencies['node']}-slim`)
    const pnpm = /pnpm@[\d.]+/.exec(readText('scripts/toolchain.mjs'))?.[0]
    expect(dockerfile).toContain(`npx --yes ${pnpm} install --frozen-lockfile`)
    const entry = JSON.parse(/^ENTRYPOINT (.+)$/m.exec(dockerfile)?.[1] ?? '[]') as string[]
    expect(entry.slice(0, -1)).toEqual(['node', ...NODE_FLAGS])
    expect(existsSync(pathOf(entry.at(-1) ?? ''))).toBe(true)
    const environment = Object.entries(ALLOCATOR_ENVIRONMENT).map(([name, value]) => `${name}=${value}`)
    expect(dockerfile).toContain(`\nENV ${environment.join(' ')}\n`)
    expect(dockerfile).toContain('\nUSER node\n')
  })
})
