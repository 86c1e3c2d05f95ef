import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/postgres.js'
import { startApp, type AppProcess } from '../support/processes.js'
import { freePort } from '../support/redis-server.js'

const ROOT = new URL('../../', import.meta.url).pathname
const readme = readFileSync(`${ROOT}README.md`, 'utf8')
const API_KEY = `msk_test_${'r'.repeat(43)}`

describe('the README', () => {
  let database: TestDatabase
  let apps: AppProcess[]
  beforeAll(async () => {
    database = await createTestDatabase()
    const dataPort = await freePort()
    const env = {
      DATABASE_URL: database.url,
      PORTICO_MASTER_KEY: inject('servers').masterKey,
      PORTICO_BOOTSTRAP_API_KEY: API_KEY,
      DATA_PLANE_PUBLIC_URL: `http://127.0.0.1:${dataPort}`,
    }
    apps = await Promise.all([
      startApp('control-plane', { env }),
      startApp('data-plane', { env, port: dataPort }),
      startApp('worker', { env }),
    ])
  }, 60_000)
  afterAll(async () => {
    await Promise.all(apps.map((app) => app.stop()))
    await database.drop()
  }, 60_000)

  test('tells a story that runs as written', { timeout: 30_000 }, async () => {
    const story = /```sh story\n([\s\S]*?)```/.exec(readme)![1]!
    const here = story
      .replace('CONTROL=http://127.0.0.1:4000', `CONTROL=${apps[0]!.url}`)
      .replace('KEY=$(cat .portico/bootstrap-api-key)', `KEY=${API_KEY}`)
    expect(here).not.toContain(':4000')
    const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', here], {
      cwd: ROOT,
      env: { PATH: process.env['PATH'] },
    })
    const [subject, ...answers] = stdout.split('\n')
    expect(subject).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/)
    expect(answers.join('')).toContain(`"user_id":"${subject}"`)
    expect(answers.join('')).toContain('{"ok":true,"delivery":"not_configured"}')
    expect(answers.join('')).toContain('"data":[')
    // The confirmation and the reset mail arrive where the README says.
    await expect
      .poll(async () => ((await (await fetch(`${apps[0]!.url}/dev/inbox.json`)).json()) as { data: { link: string }[] }).data.length, {
        timeout: 10_000,
      })
      .toBe(2)
    await apps[2]!.waitForLog(/email_not_configured/)
  })

  test('names only files, scripts and variables that exist', () => {
    for (const [, target] of readme.matchAll(/\]\(((?!https?:)[^)#]+)\)/g)) expect(existsSync(ROOT + target!), target).toBe(true)
    const { scripts } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { scripts: Record<string, string> }
    for (const [, script] of readme.matchAll(/npm run ([a-z:-]+)/g)) expect(scripts, script).toHaveProperty([script!])
    const files = readdirSync(`${ROOT}libs/config`).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    const config = [...files.map((file) => `libs/config/${file}`), 'scripts/start.mjs'].map((file) => readFileSync(ROOT + file, 'utf8')).join('')
    for (const [, row] of readme.matchAll(/^\| (`[A-Z_`, ]+`) \|/gm)) {
      for (const [, name] of row!.matchAll(/`([A-Z_]+)`/g))
        expect(config.includes(name!) || config.includes(name!.replace(/^(CONTROL_PLANE|DATA_PLANE|WORKER)/, '')), name).toBe(true)
    }
  })
})
