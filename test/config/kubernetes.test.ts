import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { parseConfig, variablesOf } from './parse-config.ts'
import { pathOf, readText, readYaml } from './read-yaml.ts'

interface Resource {
  readonly kind: string
  readonly metadata: { readonly name: string }
}
type Labels = Readonly<Record<string, string>>
interface Port {
  readonly name: string
  readonly port: number
  readonly targetPort: string
}
interface Service extends Resource {
  readonly spec: {
    readonly selector: Labels
    readonly ports: readonly Port[]
    readonly clusterIP?: string
    readonly publishNotReadyAddresses?: boolean
  }
}
interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string }
}
interface Container {
  readonly args: readonly string[]
  readonly env: readonly { readonly name: string; readonly valueFrom?: { readonly secretKeyRef: object } }[]
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[]
  readonly startupProbe: Probe
  readonly livenessProbe: Probe
  readonly readinessProbe: Probe
  readonly lifecycle: { readonly preStop: { readonly exec: { readonly command: readonly string[] } } }
  readonly securityContext: object
  readonly resources: { readonly requests: object; readonly limits: { readonly memory: string } }
  readonly volumeMounts: readonly {
    readonly name: string
    readonly mountPath: string
    readonly readOnly?: boolean
    readonly subPath?: string
  }[]
}
interface StatefulSet extends Resource {
  readonly spec: {
    readonly serviceName: string
    readonly selector: { readonly matchLabels: Labels }
    readonly persistentVolumeClaimRetentionPolicy: object
    readonly template: {
      readonly metadata: { readonly labels: Labels }
      readonly spec: {
        readonly terminationGracePeriodSeconds: number
        readonly securityContext: object
        readonly automountServiceAccountToken: boolean
        readonly containers: readonly [Container]
        readonly volumes: readonly { readonly name: string }[]
      }
    }
    readonly volumeClaimTemplates: readonly {
      readonly metadata: { readonly name: string }
      readonly spec: {
        readonly accessModes: readonly string[]
        readonly resources: { readonly requests: { readonly storage: string } }
      }
    }[]
  }
}
interface NetworkPolicy extends Resource {
  readonly spec: {
    readonly podSelector: { readonly matchLabels: Labels }
    readonly policyTypes: readonly string[]
    readonly ingress: readonly {
      readonly from?: readonly object[]
      readonly ports: readonly { readonly port: number }[]
    }[]
  }
}

const FOLDER = 'deploy/kubernetes'
const GIB = 2 ** 30
/** Collector §12: from the signal to the end of the process. */
const SHUTDOWN_SECONDS_MAX = 30

const files = (readYaml(`${FOLDER}/kustomization.yaml`) as { resources: readonly string[] }).resources
const documents = files.flatMap((file) => parseAllDocuments(readText(`${FOLDER}/${file}`)))
const resources = documents.map((document) => document.toJS() as Resource)
const find = (kind: string, name: string): unknown =>
  resources.find((resource) => resource.kind === kind && resource.metadata.name === name)

const { spec } = find('StatefulSet', 'outlay') as StatefulSet
const pod = spec.template.spec
const [container] = pod.containers
const labels = spec.template.metadata.labels
const config =
  (find('ConfigMap', 'outlay-collector') as Resource & { data: Record<string, string> }).data['collector.yaml'] ?? ''
const values = parseConfig(
  'collector.yaml',
  config,
  Object.fromEntries(container.env.map(({ name }) => [name, 'http://set:1'])),
)
const service = (name: string): Service['spec'] => (find('Service', name) as Service).spec
const chooses = (selector: Labels, chosen: Labels): boolean =>
  Object.entries(selector).every(([key, value]) => chosen[key] === value)

describe('deploy/kubernetes', () => {
  test('is what its kustomization lists, each resource once', () => {
    const present = readdirSync(pathOf(FOLDER)).filter((file) => file !== 'kustomization.yaml')
    expect(present.toSorted()).toEqual(files.toSorted())
    expect(documents.flatMap(({ errors }) => errors)).toEqual([])
    const names = resources.map(({ kind, metadata }) => `${kind}/${metadata.name}`)
    expect(new Set(names).size).toBe(names.length)
    expect(new Set(resources.map(({ kind }) => kind))).toEqual(
      new Set(['ConfigMap', 'Service', 'StatefulSet', 'PodDisruptionBudget', 'NetworkPolicy']),
    )
  })

  test('gives the collector a configuration that it accepts, with every variable set', () => {
    const given = container.env.map(({ name }) => name)
    for (const name of variablesOf(config)) expect(given).toContain(name)
    expect(container.args.slice(0, 3)).toEqual(['up', '--config', '/etc/outlay/config/collector.yaml'])
    expect(values.tokensFile).toBeDefined()
    expect(values.insecure).toBe(false)
    expect(values.http.certFile).toBeDefined()
    expect(values.grpc.certFile).toBeDefined()
  })

  test('writes no secret down: each comes from a Secret', () => {
    expect(resources.map(({ kind }) => kind)).not.toContain('Secret')
    const secret = container.env.filter(({ valueFrom }) => valueFrom !== undefined).map(({ name }) => name)
    expect(secret).toEqual(['CLICKHOUSE_URL', 'CLICKHOUSE_USER', 'CLICKHOUSE_PASSWORD', 'OUTLAY_USER_HASH_KEY'])
  })

  test('keeps each log on a volume of its own, that outlives its replica and holds more than the log may grow to', () => {
    const [claim] = spec.volumeClaimTemplates
    expect(claim?.spec.accessModes).toEqual(['ReadWriteOncePod'])
    expect(spec.persistentVolumeClaimRetentionPolicy).toEqual({ whenDeleted: 'Retain', whenScaled: 'Retain' })
    const mount = container.volumeMounts.find(({ name }) => name === claim?.metadata.name)?.mountPath ?? 'nowhere'
    expect(values.walDirectory).toBe(`${mount}/wal`)
    expect(container.args.slice(3)).toEqual(['--data-dir', mount])
    const bytes = Number(/^(\d+)Gi$/.exec(claim?.spec.resources.requests.storage ?? '')?.[1]) * GIB
    expect(bytes).toBeGreaterThan(values.walBytesMax + values.walReserveBytes)
  })

  test('mounts every volume that it names, and everything the configuration reads, whole and read-only', () => {
    const known = [
      ...pod.volumes.map(({ name }) => name),
      ...spec.volumeClaimTemplates.map(({ metadata }) => metadata.name),
    ]
    expect(container.volumeMounts.map(({ name }) => name).toSorted()).toEqual(known.toSorted())
    const read = [
      values.tokensFile,
      values.http.certFile,
      values.http.keyFile,
      values.grpc.certFile,
      values.grpc.keyFile,
    ]
    for (const file of read) {
      const mount = container.volumeMounts.find(({ mountPath }) => file?.startsWith(`${mountPath}/`))
      expect({ file, mount }).toEqual({ file, mount: expect.objectContaining({ readOnly: true }) })
      expect(mount?.subPath).toBeUndefined()
    }
  })

  test('serves on the ports that the configuration listens on, beyond the loopback of the pod', () => {
    const listening = [values.grpcEndpoint, values.httpEndpoint, values.adminEndpoint]
    expect(container.ports.map(({ containerPort }) => containerPort)).toEqual(listening.map(({ port }) => port))
    for (const { host } of listening) expect(host).toBe('0.0.0.0')
    for (const name of ['outlay', 'outlay-headless', 'outlay-metrics']) {
      for (const { port, targetPort } of service(name).ports) {
        expect(container.ports).toContainEqual({ name: targetPort, containerPort: port })
      }
    }
  })

  test('sends senders only to replicas that are not draining, and metrics to all of them', () => {
    const draining = Object.fromEntries(Object.entries(labels).filter(([key]) => key !== 'outlay/receiving'))
    for (const name of ['outlay', 'outlay-headless']) {
      const { selector } = service(name)
      expect([name, chooses(selector, labels), chooses(selector, draining)]).toEqual([name, true, false])
    }
    expect(spec.serviceName).toBe('outlay-headless')
    expect(service('outlay-headless').clusterIP).toBe('None')
    expect(service('outlay-metrics').publishNotReadyAddresses).toBe(true)
    expect(chooses(service('outlay-metrics').selector, draining)).toBe(true)
    // Else the controller would give the replica away and start another one.
    expect(chooses(spec.selector.matchLabels, draining)).toBe(true)
  })

  test('gives up one replica at a time', () => {
    const budget = find('PodDisruptionBudget', 'outlay') as { readonly spec: object }
    expect(budget.spec).toEqual({ maxUnavailable: 1, selector: { matchLabels: spec.selector.matchLabels } })
  })

  test('probes what the collector answers', () => {
    const { startupProbe, livenessProbe, readinessProbe } = container
    expect([startupProbe, livenessProbe, readinessProbe].map(({ httpGet }) => httpGet)).toEqual([
      { path: '/healthz', port: 'metrics' },
      { path: '/healthz', port: 'metrics' },
      { path: '/readyz', port: 'metrics' },
    ])
  })

  test('waits for as long as a shutdown may take', () => {
    const [command, pause] = container.lifecycle.preStop.exec.command
    expect(command).toBe('sleep')
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(Number(pause) + SHUTDOWN_SECONDS_MAX)
  })

  test('runs as nobody special, on a file system that it cannot write to', () => {
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    })
    expect(pod.automountServiceAccountToken).toBe(false)
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    expect(Object.keys(container.resources.requests)).toEqual(['cpu', 'memory', 'ephemeral-storage'])
  })

  test('shows metrics and panel to a labelled namespace only', () => {
    const { ingress, podSelector, policyTypes } = (find('NetworkPolicy', 'outlay') as NetworkPolicy).spec
    expect(policyTypes).toContain('Ingress')
    expect(chooses(podSelector.matchLabels, labels)).toBe(true)
    const rules = ingress.filter(({ ports }) => ports.some(({ port }) => port === values.adminEndpoint.port))
    expect(rules.map(({ from }) => from)).toEqual([
      [{ namespaceSelector: { matchLabels: { 'outlay/monitoring': 'true' } } }],
    ])
  })
})
