import { execFile } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

const ROOT = new URL('../../', import.meta.url)
const text = (path: string) => readFileSync(new URL(path, ROOT), 'utf8')
const CHART = 'deploy/helm/portico/'
const templates = readdirSync(new URL(`${CHART}templates/`, ROOT)).map((file) => text(`${CHART}templates/${file}`))
const values = parse(text(`${CHART}values.yaml`)) as Record<string, unknown>
const sources = readdirSync(new URL('libs/config/', ROOT)).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
const UNITS = readdirSync(new URL('deploy/systemd/', ROOT)).filter((file) => file.endsWith('.service'))
const config = sources.map((file) => text(`libs/config/${file}`)).join('\n')

/** Whether a service reads a variable of this name. */
const isRead = (name: string) =>
  name.startsWith('OTEL_') || config.includes(`'${name}'`) || config.includes(`_${name.replace(/^(?:CONTROL_PLANE|DATA_PLANE|WORKER)_/, '')}\``)

function valueAt(path: string): unknown {
  return path.split('.').reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined), values)
}

test('every value that a template of the chart takes stands in values.yaml', () => {
  const taken = new Set(templates.flatMap((template) => [...template.matchAll(/\.Values\.([A-Za-z][\w.]*)/g)].map(([, path]) => path!)))
  expect(taken.size).toBeGreaterThan(20)
  // Optional entries of `env`.
  expect([...taken].filter((path) => !path.startsWith('env.') && valueAt(path) === undefined)).toEqual([])
})

test('every variable that the chart and the units set is one that a service reads', () => {
  const named = templates.flatMap((template) => [...template.matchAll(/\b(?:name: |key: |")([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)"?/g)].map(([, name]) => name!))
  const units = UNITS.map((file) => text(`deploy/systemd/${file}`))
  const set = units.flatMap((unit) => [...unit.matchAll(/^Environment=(\w+)=/gm)].map(([, name]) => name!))
  const all = new Set([...named, ...set, ...Object.keys(values['env'] as object)])
  expect(all).toContain('PORTICO_MASTER_KEY')
  // What the Secret calls the owner's DATABASE_URL.
  all.delete('MIGRATE_DATABASE_URL')
  expect([...all].filter((name) => !isRead(name))).toEqual([])
})

test('chart and units start what the image starts, on the ports that the services take', () => {
  const services = text(`${CHART}templates/services.yaml`)
  for (const [name, port, metrics] of [['control-plane', 4000, 4001], ['data-plane', 4100, 4101], ['worker', 4200, 4200]] as const) {
    expect(services).toMatch(new RegExp(`"name" "${name}" .* "port" ${port} "metrics" ${metrics} `))
    expect(config).toContain(String(port))
    const unit = text(`deploy/systemd/portico-${name}.service`)
    const started = /^ExecStart=\/usr\/bin\/node --enable-source-maps (\S+)$/m.exec(unit)?.[1]
    expect(started).toBe(`apps/${name}/dist/main.js`)
    expect(existsSync(new URL(`apps/${name}/main.ts`, ROOT))).toBe(true)
  }
  // Without waiting a database that is away at a boot is the end of the services: their start was «dependency failed», for good.
  expect(text('deploy/systemd/portico-migrate.service')).toMatch(/^ExecStart=.* scripts\/migrate\.mjs --wait$/m)
  expect(text(`${CHART}templates/migrate-job.yaml`)).toContain('args: ["scripts/migrate.mjs"]')
  const { version } = JSON.parse(text('package.json')) as { version: string }
  expect(parse(text(`${CHART}Chart.yaml`))).toMatchObject({ appVersion: version })
})

const RIGHTS_OF_UNITS = [
  'User=portico', 'NoNewPrivileges=yes', 'ProtectSystem=strict', 'CapabilityBoundingSet=', 'SystemCallFilter=@system-service',
  // Without AF_NETLINK a plane that listens on all addresses dies at its start: the addresses are listed by it.
  'RestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK AF_UNIX',
]

test('no pod and no unit runs as root, writes beside /tmp, or gains rights', () => {
  const pods = templates.filter((template) => /\bcontainers:/.test(template))
  expect(pods).toHaveLength(2)
  for (const pod of pods) expect([pod.includes('portico.podSecurity'), pod.includes('portico.containerSecurity')]).toEqual([true, true])
  const [helpers] = templates.filter((template) => template.includes('define "portico.podSecurity"'))
  const rights = ['runAsNonRoot: true', 'readOnlyRootFilesystem: true', 'allowPrivilegeEscalation: false', 'drop: ["ALL"]']
  for (const line of rights) expect(helpers).toContain(line)
  for (const file of UNITS) {
    const unit = text(`deploy/systemd/${file}`)
    for (const line of RIGHTS_OF_UNITS)
      expect(unit).toContain(line)
  }
  // One way for all of them, so that none is forgotten when one is tightened.
  const rightsOf = (file: string) => /NoNewPrivileges=[^]*?UMask=\d+/.exec(text(`deploy/systemd/${file}`))?.[0]
  expect(UNITS.map(rightsOf)).toEqual(UNITS.map(() => rightsOf('portico-worker.service')))
})

/** Of the files that start containers. */
const COMPOSE = ['docker-compose.yml', 'deploy/compose-ha/docker-compose.yml']
interface ComposeService {
  image?: string
  build?: unknown
  command?: string[]
  environment?: Record<string, string>
  read_only?: boolean
  cap_drop?: string[]
  cap_add?: string[]
  user?: string
  healthcheck?: { test: string[] }
  extra_hosts?: string[]
  networks?: Record<string, { ipv4_address?: string } | undefined>
  security_opt?: string[]
  volumes?: string[]
}
const servicesOf = (file: string) =>
  (parse(text(file), { merge: true, maxAliasCount: -1 }) as { services: Record<string, ComposeService> }).services

test('every image that is fetched is named by its digest', () => {
  const dockerfiles = ['Dockerfile', 'deploy/compose-ha/Dockerfile.patroni']
  const named = [
    ...dockerfiles.flatMap((file) => [...text(file).matchAll(/^FROM (\S+)/gm)].map(([, image]) => image!)),
    ...COMPOSE.flatMap((file) => Object.values(servicesOf(file)))
      .filter(({ build }) => build === undefined)
      .flatMap(({ image = [] }) => image),
  ]
  expect(named.length).toBeGreaterThan(8)
  expect(named.filter((image) => !/^[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}$/.test(image))).toEqual([])
})

/** What an entry point needs that gives a volume to its account and becomes that one; what ports below 1024 need. */
const CHANGE_ACCOUNT = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SETGID', 'SETUID']
const MORE_RIGHTS: Readonly<Record<string, string[]>> = { postgres: CHANGE_ACCOUNT, redis: CHANGE_ACCOUNT, caddy: ['NET_BIND_SERVICE'] }

test.each(COMPOSE)('our image runs as nobody of consequence, and no container of %s writes beside its volumes or gains rights', (file) => {
  expect(text('Dockerfile').split(/^FROM /m).at(-1)).toMatch(/^USER node$/m)
  for (const [name, service] of Object.entries(servicesOf(file))) {
    const rights = [service.read_only, service.cap_drop, service.cap_add, service.security_opt]
    expect([name, ...rights]).toEqual([name, true, ['ALL'], MORE_RIGHTS[name], ['no-new-privileges:true']])
  }
})

test('the image of Patroni has the client of its store, and what its health check calls', () => {
  const installed = /apt-get install (.*)/.exec(text('deploy/compose-ha/Dockerfile.patroni'))?.[1]?.split(' ')
  const { environment, healthcheck } = servicesOf('deploy/compose-ha/docker-compose.yml')['patroni-1']!
  expect(environment).toHaveProperty('PATRONI_ETCD3_HOSTS')
  expect(installed).toEqual(expect.arrayContaining(['patroni', 'python3-etcd', healthcheck!.test[1]]))
})

test('every Valkey and sentinel has an address of its own, which the others know without a name server', () => {
  const services = servicesOf('deploy/compose-ha/docker-compose.yml')
  const names = Object.keys(services).filter((name) => /^(?:valkey|sentinel)-/.test(name))
  expect(names).toHaveLength(5)
  const known = names.map((name) => `${name}:${services[name]!.networks?.['data']?.ipv4_address}`)
  expect(new Set(known.map((entry) => entry.slice(entry.indexOf(':')))).size).toBe(5)
  for (const name of names) expect([name, services[name]!.extra_hosts]).toEqual([name, known])
})

test('a server that is started by a shell goes by the entry point of its image, or has an account of its own', () => {
  const started = COMPOSE.flatMap((file) => Object.entries(servicesOf(file))).filter(([, { command }]) => command?.[0] === 'sh')
  expect(started.map(([name]) => name)).toEqual(expect.arrayContaining(['redis', 'valkey-1', 'sentinel-3']))
  for (const [name, { command, user }] of started)
    expect([name, user !== undefined || command!.at(-1)!.startsWith('exec docker-entrypoint.sh ')]).toEqual([name, true])
})

test('the Compose file for high availability starts two of each service, with variables that they read, and files that are there', () => {
  const services = servicesOf('deploy/compose-ha/docker-compose.yml')
  for (const name of ['control-plane', 'data-plane', 'worker']) {
    expect([services[`${name}-1`]?.command, services[`${name}-2`]]).toEqual([[`apps/${name}/dist/main.js`], services[`${name}-1`]])
    expect(Object.keys(services[`${name}-1`]!.environment!).filter((variable) => !isRead(variable))).toEqual([])
  }
  const mounts = Object.values(services).flatMap(({ volumes = [] }) => volumes.map((volume) => volume.split(':')[0]!))
  const files = mounts.filter((path) => path.startsWith('.'))
  expect(files.filter((file) => !existsSync(new URL(file, new URL('deploy/compose-ha/', ROOT))))).toEqual([])
  // What one machine is given, two of each are given too.
  const one = servicesOf('docker-compose.yml')
  for (const name of ['control-plane', 'data-plane', 'worker', 'migrate'])
    expect(Object.keys(services[name === 'migrate' ? name : `${name}-1`]!.environment!).toSorted()).toEqual(Object.keys(one[name]!.environment!).toSorted())
})

const installed = (program: string) => (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(`${folder}/${program}`))

/** Programs that know these files better than we do, where this machine has them. */
const judges: readonly [name: string, program: string, args: string[], said: RegExp][] = [
  ['Compose, for high availability', 'docker-compose', ['-f', 'deploy/compose-ha/docker-compose.yml', 'config', '-q'], /^$/],
  ['Prometheus', 'promtool', ['check', 'rules', 'deploy/prometheus/alerts.yaml'], /SUCCESS: \d+ rules found/],
]

test.each(judges)('%s accepts its files', async (_, program, args, said) => {
  if (!installed(program)) return
  // What the file asks for.
  const names = [...text('deploy/compose-ha/docker-compose.yml').matchAll(/\$\{(\w+):\?/g)].map(([, name]) => name!)
  const env = { PATH: process.env['PATH'], ...Object.fromEntries(names.map((name) => [name, 'dummy'])) }
  const { stdout, stderr } = await promisify(execFile)(program, args, { cwd: fileURLToPath(ROOT), env })
  expect(`${stdout}${stderr}`.trim()).toMatch(said)
})

test('HAProxy accepts its file', async () => {
  if (!installed('haproxy')) return
  const folder = await mkdtemp(join(tmpdir(), 'portico-haproxy-'))
  // Names of containers: nobody shall wait for a name server that knows none of them.
  await writeFile(join(folder, 'cfg'), text('deploy/compose-ha/haproxy.cfg').replaceAll(/ [a-z-]+-\d:/g, ' 127.0.0.1:'))
  const { stdout, stderr } = await promisify(execFile)('haproxy', ['-c', '-V', '-f', join(folder, 'cfg')])
  expect(stdout + stderr).toMatch(/Configuration file is valid/)
  await rm(folder, { recursive: true })
})

test('systemd has nothing to say of our units', async () => {
  if (!installed('systemd-analyze')) return
  const folder = await mkdtemp(join(tmpdir(), 'portico-units-'))
  // Not every machine has its node where a package puts it.
  for (const unit of UNITS) await writeFile(join(folder, unit), text(`deploy/systemd/${unit}`).replaceAll('/usr/bin/node', process.execPath))
  const output = await promisify(execFile)('systemd-analyze', ['verify', ...UNITS.map((unit) => join(folder, unit))]).then(
    ({ stdout, stderr }) => stdout + stderr,
    ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr,
  )
  // Of the machine's own units it may say what it likes.
  expect(output.split('\n').filter((line) => line.includes('portico-'))).toEqual([])
  await rm(folder, { recursive: true })
})

test('the bill of materials names what runs, and nothing that only builds or tests', async () => {
  const { stdout } = await promisify(execFile)('npm', ['run', '--silent', 'sbom'], { cwd: fileURLToPath(ROOT), maxBuffer: 50e6 })
  const { bomFormat, components } = JSON.parse(stdout) as { bomFormat: string; components: { name: string; group?: string }[] }
  const names = components.map(({ name, group }) => (group ? `${group}/${name}` : name))
  expect(bomFormat).toBe('CycloneDX')
  expect(names).toEqual(expect.arrayContaining(['fastify', 'pg', '@node-rs/argon2']))
  expect(names.filter((name) => ['vitest', 'typescript', 'playwright-core', 'kubernetes-models'].includes(name))).toEqual([])
})
