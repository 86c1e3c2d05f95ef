import { readFileSync, readdirSync } from 'node:fs'
import { readControlPlaneConfig } from '@portico/config/control-plane-config'
import { readDataPlaneConfig } from '@portico/config/data-plane-config'
import type { Environment } from '@portico/config/read-env'
import { readWorkerConfig } from '@portico/config/worker-config'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

const ROOT = new URL('../../', import.meta.url)
const text = (path: string) => readFileSync(new URL(path, ROOT), 'utf8')

/** So that what is read only beside these is read too. */
const GIVEN: Environment = {
  DATABASE_URL: 'postgresql://db.example.com:5432/portico',
  PORTICO_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
  REDIS_URL: 'rediss://store.example.com:6379',
}

/** The names that a service asks its environment for. */
function namesRead(read: (env: Environment) => unknown): string[] {
  const names = new Set<string>()
  const env = new Proxy(GIVEN, {
    get(given, name) {
      if (typeof name === 'string') names.add(name)
      return Reflect.get(given, name) as string | undefined
    },
  })
  read(env)
  return [...names].toSorted()
}

const READ = {
  'control-plane': namesRead(readControlPlaneConfig),
  'data-plane': namesRead(readDataPlaneConfig),
  worker: namesRead(readWorkerConfig),
} as const
const SERVICES = Object.keys(READ) as (keyof typeof READ)[]
const ALL = [...new Set(Object.values(READ).flat())].toSorted()

/** Of development and tests: production refuses them, or has no use for them. */
const NOT_OF_PRODUCTION = [
  'PORTICO_ALLOW_LOOPBACK_PROVIDERS', 'PORTICO_CAPTCHA_VERIFY_URL', 'PORTICO_DEMO', 'PORTICO_TEST_CLOCK', 'RESEND_BASE_URL',
]
/** In a container each service has its own port on every interface; the image says so. */
const OF_THE_IMAGE = ALL.filter((name) => /^(?:CONTROL_PLANE|DATA_PLANE|WORKER)_(?:HOST|PORT|METRICS_PORT)$/.test(name))

const without = (names: readonly string[], ...others: (readonly string[])[]) => {
  const gone = new Set(others.flat())
  return names.filter((name) => !gone.has(name))
}
/** `NAME=` and `# NAME=` at the beginning of lines. */
const namesSet = (file: string) => [...text(file).matchAll(/^(?:# ?)?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name!)

test('every variable that the sources of libs/config name is one that a service was seen to read', () => {
  const sources = readdirSync(new URL('libs/config/', ROOT)).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  const quoted = sources.map((file) => text(`libs/config/${file}`)).join('\n').matchAll(/'([A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+)'/g)
  const named = [...quoted].map(([, name]) => name!)
  expect(ALL).toEqual(expect.arrayContaining(['DATABASE_REPLICA_URL', 'DATABASE_DIRECT_URL', 'REDIS_CA_FILE', 'SMTP_RETRIES']))
  // Prefixes of names; of `npm start` and of tests, which no service reads.
  const others = [
    'CONTROL_PLANE', 'DATA_PLANE', 'TRUSTED_PROXY', 'CLIENT_ID', 'CLIENT_SECRET', 'PORTICO_DATA_DIR', 'PORTICO_TEST_SERVERS',
  ]
  expect([...new Set(without(named, ALL, others))]).toEqual([])
})

interface Compose {
  services: Record<string, { environment?: Record<string, string> }>
}
const COMPOSE = ['docker-compose.yml', 'deploy/compose-ha/docker-compose.yml']

describe.each(COMPOSE)('%s', (file) => {
  const { services } = parse(text(file), { merge: true, maxAliasCount: -1 }) as Compose

  test.each(SERVICES)('%s is given every variable that it reads', (service) => {
    const { environment = {} } = services[service] ?? services[`${service}-1`] ?? {}
    expect(without(READ[service], Object.keys(environment), NOT_OF_PRODUCTION, OF_THE_IMAGE)).toEqual([])
  })

  test('what it asks for stands in .env.example', () => {
    const asked = [...text(file).matchAll(/(?<!\$)\$\{(\w+)/g)].map(([, name]) => name!)
    expect([...new Set(without(asked, namesSet('.env.example')))]).toEqual([])
  })
})

test('.env.example has nothing that neither Compose file asks for', () => {
  const asked = COMPOSE.flatMap((file) => [...text(file).matchAll(/\$\{(\w+)/g)].map(([, name]) => name!))
  expect(without(namesSet('.env.example'), asked)).toEqual([])
})

test('the chart sets every variable, or its values say that it can be set', () => {
  const folder = 'deploy/helm/portico/'
  const files = [`${folder}values.yaml`, ...['_helpers.tpl', 'services.yaml'].map((file) => `${folder}templates/${file}`)]
  const named = files.flatMap((file) => text(file).match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g) ?? [])
  expect(without(ALL, named, NOT_OF_PRODUCTION, OF_THE_IMAGE)).toEqual([])
  // A secret of the chart that its values do not speak of would be found by nobody.
  const secrets = text(`${folder}templates/_helpers.tpl`).match(/"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+"/g)!.map((name) => name.slice(1, -1))
  expect(secrets.length).toBeGreaterThan(8)
  expect(secrets.filter((name) => !text(`${folder}values.yaml`).includes(name))).toEqual([])
})

test('the example for systemd has every variable, and none that nobody reads', () => {
  const set = namesSet('deploy/systemd/portico.env.example')
  expect(without(ALL, set, NOT_OF_PRODUCTION, ['PORTICO_ENV'])).toEqual([])
  expect(without(set, ALL)).toEqual([])
})

test('the table of the README has every variable', () => {
  const rows = text('README.md').split('\n').filter((line) => line.startsWith('| `'))
  const named = rows.flatMap((row) => row.match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?:_\*)?/g) ?? [])
  const families = named.filter((name) => name.endsWith('_*')).map((name) => name.slice(0, -1))
  expect(ALL.filter((name) => !named.includes(name) && !families.some((family) => name.startsWith(family)))).toEqual([])
})
