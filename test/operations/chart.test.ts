import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2'
import { Deployment } from 'kubernetes-models/apps/v1'
import { Job } from 'kubernetes-models/batch/v1'
import { Ingress, NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1'
import { Service } from 'kubernetes-models/v1'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const CHART = join(ROOT, 'deploy/helm/portico')
/** Debian's golang-go and golang-github-masterminds-sprig-dev: the template engine of Helm, and its functions. */
const GOPATH = '/usr/share/gocode'
const canRender = existsSync('/usr/bin/go') && existsSync(join(GOPATH, 'src/github.com/Masterminds/sprig'))

/** Kubernetes' own schemas, of the kinds that the chart makes. External Secrets and the Prometheus operator have none here. */
const KINDS: Readonly<Record<string, new (object: never) => { validate(): void }>> = {
  Deployment, HorizontalPodAutoscaler, Ingress, Job, NetworkPolicy, PodDisruptionBudget, Service,
}
const ELSEWHERE = ['ExternalSecret', 'ServiceMonitor']

type Labels = Record<string, string>

/** What is asked of below, of all kinds together; what a kind has not is not asked of it. */
interface Spec {
  selector: { matchLabels?: Labels }
  template: { metadata: { labels: Labels }; spec: { containers: Container[]; securityContext: object } }
  ports?: { name: string; targetPort: string; port: number }[]
  metrics: { type: string; pods?: { metric: { name: string } } }[]
  scaleTargetRef: { name: string }
  ingress: { ports: { port: number }[] }[]
  rules: { host: string; http: { paths: { backend: { service: { name: string; port: { name: string } } } }[] } }[]
}

interface Manifest {
  apiVersion: string
  kind: string
  metadata: { name: string; labels: Labels }
  spec: Spec
}

interface Container {
  image: string
  args: string[]
  env: { name: string; value?: string; valueFrom?: object }[]
  ports?: { name: string; containerPort: number }[]
  securityContext: object
}

/** Values of both sides, ours before theirs. */
function merged(under: Record<string, unknown>, over: Record<string, unknown>): Record<string, unknown> {
  const isMap = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
  const both = Object.entries(over).map(([key, value]) => [key, isMap(value) && isMap(under[key]) ? merged(under[key], value) : value])
  return { ...under, ...Object.fromEntries(both) }
}

describe.skipIf(!canRender)(`the chart, rendered${canRender ? '' : ' (skipped: no Go with sprig on this machine)'}`, () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portico-chart-'))
    await run('go', ['build', '-o', join(folder, 'render'), join(ROOT, 'test/support/render-chart.go')])
  }, 60_000)
  afterAll(() => rm(folder, { recursive: true, force: true }))

  function run(program: string, args: string[]) {
    const env = { PATH: process.env['PATH'], HOME: folder, GO111MODULE: 'off', GOPATH, GOCACHE: join(folder, 'cache') }
    return promisify(execFile)(program, args, { env })
  }

  async function render(overrides: Record<string, unknown> = {}): Promise<Manifest[]> {
    const chart = parse(readFileSync(join(CHART, 'Chart.yaml'), 'utf8')) as Record<string, string>
    const values = parse(readFileSync(join(CHART, 'values.yaml'), 'utf8')) as Record<string, unknown>
    const urls = { publicUrl: { controlPlane: 'https://console.example.com', dataPlane: 'https://auth.example.com' } }
    const given = {
      Values: merged(merged(values, urls), overrides),
      Chart: { Name: chart['name'], Version: chart['version'], AppVersion: chart['appVersion'] },
      Release: { Name: 'auth', Namespace: 'portico', Service: 'Helm' },
    }
    const file = join(folder, 'values.json')
    await writeFile(file, JSON.stringify(given))
    const { stdout } = await run(join(folder, 'render'), [CHART, file])
    return parseAllDocuments(stdout).map((document) => document.toJS() as Manifest | null).filter((one) => one !== null)
  }

  const everything = {
    externalSecret: { enabled: true, storeName: 'vault', key: 'portico' },
    serviceMonitor: { enabled: true },
    ingress: { enabled: true, className: 'nginx', tlsSecretName: 'tls', annotations: { 'a.example/b': 'c' } },
    dataPlane: { autoscaling: { hashesWaiting: { enabled: true } } },
    image: { digest: `sha256:${'a'.repeat(64)}`, pullSecrets: [{ name: 'registry' }] },
    env: { DATABASE_ROLE_PREFIX: 'auth', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' },
    caConfigMap: 'authorities',
    nodeSelector: { disk: 'fast' },
    tolerations: [{ key: 'auth', operator: 'Exists' }],
  }
  const cases = [
    { name: 'as it comes', values: {} },
    { name: 'with everything on', values: everything },
    {
      name: 'with everything off',
      values: {
        dataPlane: { autoscaling: { enabled: false } },
        podDisruptionBudget: { enabled: false },
        networkPolicy: { enabled: false },
      },
    },
  ]

  test.each(cases)('$name: every object has the shape that Kubernetes asks for, and a name of its own', async ({ values }) => {
    const objects = await render(values)
    const names = objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`)
    expect(new Set(names).size).toBe(names.length)
    expect(names.filter((name) => name.startsWith('Deployment/'))).toHaveLength(3)
    for (const object of objects) {
      if (ELSEWHERE.includes(object.kind)) continue
      const Kind = KINDS[object.kind]
      if (!Kind) throw new Error(`nothing here knows a ${object.kind}`)
      expect(new Kind(object as never)).toMatchObject({ apiVersion: object.apiVersion })
      expect(() => new Kind(object as never).validate(), object.metadata.name).not.toThrow()
    }
  })

  test('an object of another shape would be found', async () => {
    const [deployment] = (await render()).filter(({ kind }) => kind === 'Deployment')
    Object.assign(deployment!.spec.template.spec.containers[0]!.ports![0]!, { containerPort: 'http' })
    expect(() => new Deployment(deployment as never).validate()).toThrow()
  })

  test('selectors find the pods, services their ports, the autoscaler hashes that wait, policies the ports', async () => {
    const objects = await render(everything)
    const of = (kind: string) => objects.filter((object) => object.kind === kind)
    const within = (part: Labels, labels: Labels) => Object.entries(part).every(([key, value]) => labels[key] === value)
    const pods = of('Deployment').map(({ metadata, spec }) => ({
      name: metadata.name, labels: spec.template.metadata.labels, selector: spec.selector.matchLabels!,
      container: spec.template.spec.containers[0]!, security: spec.template.spec.securityContext,
    }))
    for (const { name, labels, selector, container, security } of pods) {
      expect(pods.filter((pod) => within(selector, pod.labels)).map((pod) => pod.name)).toEqual([name])
      expect(within(selector, labels)).toBe(true)
      expect(container.image).toBe(`portico@sha256:${'a'.repeat(64)}`)
      const rights = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } }
      expect(container.securityContext).toEqual(rights)
      expect(security).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
      expect(existsSync(join(ROOT, container.args[0]!.replace('/dist/main.js', '/main.ts')))).toBe(true)
    }
    for (const { metadata, spec } of [...of('Service'), ...of('PodDisruptionBudget')]) {
      const selector = spec.selector.matchLabels ?? (spec.selector as Labels)
      const [pod, ...others] = pods.filter(({ labels }) => within(selector, labels))
      expect([pod?.name, others]).toEqual([metadata.name, []])
      for (const { targetPort, port } of spec.ports ?? [])
        expect(pod!.container.ports).toContainEqual({ name: targetPort, containerPort: port })
    }
    const [scaler] = of('HorizontalPodAutoscaler')
    const measures = scaler!.spec.metrics.map(({ type, pods: own }) => own?.metric.name ?? type)
    expect(measures).toEqual(['Resource', 'portico_password_hashes_waiting'])
    expect(of('Deployment').find(({ metadata }) => metadata.name === scaler!.spec.scaleTargetRef.name)!.spec).not.toHaveProperty('replicas')
    const [policy] = of('NetworkPolicy')
    const open = policy!.spec.ingress.flatMap(({ ports }) => ports.map(({ port }) => port))
    expect(open.toSorted()).toEqual(pods.flatMap(({ container }) => container.ports!.map((port) => port.containerPort)).toSorted())
    for (const { spec } of of('Ingress')) {
      const { name, port } = spec.rules[0]!.http.paths[0]!.backend.service
      expect(of('Service').find(({ metadata }) => metadata.name === name)!.spec.ports!.map((one) => one.name)).toContain(port.name)
    }
    expect(of('Ingress').map(({ spec }) => spec.rules[0]!.host)).toEqual(['console.example.com', 'auth.example.com'])
  })

  test.each([
    [{ publicUrl: { dataPlane: '' } }, /publicUrl.dataPlane is needed/],
    [{ externalSecret: { enabled: true } }, /externalSecret.storeName is needed/],
  ])('what is missing is said: %j', async (values, reason) => {
    await expect(render(values)).rejects.toThrow(reason)
  })
})
