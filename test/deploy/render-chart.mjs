// The chart's objects: by Helm where it is, else by its template engine with its functions (test/support/render-chart.go).
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { call, isOnPath } from './engine.mjs'
import { ROOT } from './stand-ins.mjs'

const { parse, parseAllDocuments } = createRequire(import.meta.url)('yaml')
const CHART = join(ROOT, 'deploy', 'helm', 'portico')
/** Debian's golang-github-masterminds-sprig-dev. */
const GOPATH = '/usr/share/gocode'

export function withoutRenderer() {
  const hasSprig = existsSync(join(GOPATH, 'src', 'github.com', 'Masterminds', 'sprig'))
  return isOnPath('helm') || (isOnPath('go') && hasSprig) ? null : 'neither helm nor Go with sprig'
}

/** `values` over those of the chart. */
export async function renderChart(folder, release, values) {
  const at = join(folder, 'chart')
  mkdirSync(at, { recursive: true })
  const file = join(at, 'values.json')
  if (isOnPath('helm')) {
    writeFileSync(file, JSON.stringify(values))
    return objects((await call('helm', ['template', release, CHART, '--values', file])).stdout)
  }
  const read = (name) => parse(readFileSync(join(CHART, name), 'utf8'))
  const { name, version, appVersion } = read('Chart.yaml')
  const given = {
    Values: merged(read('values.yaml'), values),
    Chart: { Name: name, Version: version, AppVersion: appVersion },
    Release: { Name: release, Namespace: 'portico', Service: 'Helm' },
  }
  writeFileSync(file, JSON.stringify(given))
  const env = { PATH: process.env.PATH, HOME: at, GO111MODULE: 'off', GOPATH, GOCACHE: join(at, 'cache') }
  const program = join(at, 'render')
  await call('go', ['build', '-o', program, join(ROOT, 'test', 'support', 'render-chart.go')], { env, seconds: 180 })
  return objects((await call(program, [CHART, file])).stdout)
}

const objects = (text) => parseAllDocuments(text).map((document) => document.toJS()).filter(Boolean)

function merged(under, over) {
  const isMap = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)
  const both = Object.entries(over).map(([key, value]) => [key, isMap(value) && isMap(under[key]) ? merged(under[key], value) : value])
  return { ...under, ...Object.fromEntries(both) }
}
