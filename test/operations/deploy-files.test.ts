import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

const ROOT = new URL('../../', import.meta.url)
const text = (path: string) => readFileSync(new URL(path, ROOT), 'utf8')
const CHART = 'deploy/helm/portico/'
const templates = readdirSync(new URL(`${CHART}templates/`, ROOT)).map((file) => text(`${CHART}templates/${file}`))
const values = parse(text(`${CHART}values.yaml`)) as Record<string, unknown>
const sources = readdirSync(new URL('libs/config/', ROOT)).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
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
  const units = readdirSync(new URL('deploy/systemd/', ROOT)).map((file) => text(`deploy/systemd/${file}`))
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
  expect(text('deploy/systemd/portico-migrate.service')).toContain('scripts/migrate.mjs')
  expect(text(`${CHART}templates/migrate-job.yaml`)).toContain('args: ["scripts/migrate.mjs"]')
  const { version } = JSON.parse(text('package.json')) as { version: string }
  expect(parse(text(`${CHART}Chart.yaml`))).toMatchObject({ appVersion: version })
})

test('no pod and no unit runs as root, writes beside /tmp, or gains rights', () => {
  const pods = templates.filter((template) => /\bcontainers:/.test(template))
  expect(pods).toHaveLength(2)
  for (const pod of pods) expect([pod.includes('portico.podSecurity'), pod.includes('portico.containerSecurity')]).toEqual([true, true])
  const [helpers] = templates.filter((template) => template.includes('define "portico.podSecurity"'))
  const rights = ['runAsNonRoot: true', 'readOnlyRootFilesystem: true', 'allowPrivilegeEscalation: false', 'drop: ["ALL"]']
  for (const line of rights) expect(helpers).toContain(line)
  for (const file of readdirSync(new URL('deploy/systemd/', ROOT))) {
    const unit = text(`deploy/systemd/${file}`)
    for (const line of ['User=portico', 'NoNewPrivileges=yes', 'ProtectSystem=strict', 'CapabilityBoundingSet='])
      expect(unit).toContain(line)
  }
})
