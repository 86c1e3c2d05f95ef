import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MovableClock } from '@portico/kernel/clock'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  call,
  createTestProject,
  signUp,
  startDataPlane,
  TEST_PUBLIC_URL,
  type RunningDataPlane,
  type TestProject,
} from '../support/data-plane.js'
import { createTestDatabase, type TestDatabase } from '../support/postgres.js'

/**
 * «The beginner's two lines work in every language»: the blocks of the page, as they stand there, against tokens that the data plane
 * issued.
 */
const PAGE = new URL('../../docs/verify-in-your-language.md', import.meta.url)
const ROOT = new URL('../../', import.meta.url).pathname
const GO_LIBRARY = '/usr/share/gocode/src/github.com/golang-jwt/jwt'

interface Outcome { code: number | null; stdout: string; stderr: string }
interface Language {
  /** The file to run, around the block of the page. It prints `sub` of the claims. */
  program(block: string): Record<string, string>
  command: readonly [string, ...string[]]
  /** Why it cannot be run here, or `null`. */
  missing(): string | null
  env?: Record<string, string>
  /** Where packages are found from. */
  inRepository?: boolean
}

const answers = (...command: [string, ...string[]]) => spawnSync(command[0], command.slice(1), { timeout: 20_000 }).status === 0

function javascript(missing: () => string | null = () => null, before = '', after = 'console.log(claims.sub)'): Language {
  return {
    program: (block) => ({ 'check.mjs': `const token = process.env.TOKEN\n${before}\n${block}\n${after}\n` }),
    command: [process.execPath, 'check.mjs'],
    missing,
    inRepository: true,
  }
}
function python(module: string): Language {
  return {
    program: (block) => ({ 'check.py': `import os\ntoken = os.environ["TOKEN"]\n${block}\nprint(claims["sub"])\n` }),
    command: ['/usr/bin/python3', 'check.py'],
    missing: () => (answers('/usr/bin/python3', '-c', `import ${module}`) ? null : `/usr/bin/python3 has no module ${module}`),
  }
}

const LANGUAGES: Record<string, Language> = {
  sdk: javascript(() => (existsSync(join(ROOT, 'libs/sdk-app/dist/server.js')) ? null : 'the SDK is not built')),
  jsonwebtoken: javascript(),
  jose: javascript(),
  'fast-jwt': javascript(),
  hono: javascript(
    undefined,
    "import { Hono } from 'hono'\nconst app = new Hono()",
    `app.get('/api/me', (c) => c.text(c.get('jwtPayload').sub))
const answer = await app.request('/api/me', { headers: { authorization: 'Bearer ' + token } })
if (answer.status !== 200) process.exit(1)
console.log(await answer.text())`,
  ),
  pyjwt: python('jwt'),
  'python-jose': python('jose'),
  'golang-jwt': {
    program: (block) => ({
      'go.mod': `module check\n\ngo 1.18\n\nrequire github.com/golang-jwt/jwt/v4 v4.4.3\n\nreplace github.com/golang-jwt/jwt/v4 => ${GO_LIBRARY}\n`,
      'main.go': `package main\n\nimport (\n\t"fmt"\n\t"os"\n\n\t"github.com/golang-jwt/jwt/v4"\n)\n\nfunc main() {\n\ttoken := os.Getenv("TOKEN")\n${block}
\tif err != nil {\n\t\tfmt.Fprintln(os.Stderr, err)\n\t\tos.Exit(1)\n\t}\n\tfmt.Println(claims["sub"])\n}\n`,
    }),
    command: ['go', 'run', '.'],
    missing: () => (answers('go', 'version') && existsSync(GO_LIBRARY) ? null : 'go or golang-github-golang-jwt-jwt-dev is not installed'),
    env: {
      GOFLAGS: '-mod=mod',
      GOPROXY: 'off',
      GO111MODULE: 'on',
      GOCACHE: join(tmpdir(), 'portico-go-cache'),
      GOPATH: join(tmpdir(), 'portico-go-path'),
    },
  },
  'ruby-jwt': {
    program: (block) => ({ 'check.rb': `token = ENV.fetch('TOKEN')\n${block}\nputs claims['sub']\n` }),
    command: ['ruby', 'check.rb'],
    missing: () => (answers('ruby', '-rjwt', '-e', '') ? null : 'ruby or ruby-jwt is not installed'),
  },
  php: {
    program: (block) => ({ 'check.php': `<?php\n$token = getenv('TOKEN');\n${block}\necho $claims['sub'];\n` }),
    command: ['php', '-d', 'display_errors=stderr', 'check.php'],
    missing: () => (answers('php', '-r', 'hash_hmac("sha256", "", "");') ? null : 'php-cli is not installed'),
  },
}

const blocks = new Map(
  [...readFileSync(PAGE, 'utf8').matchAll(/^```\w+ ([\w-]+)\n([\s\S]*?)^```$/gm)].map(([, name = '', block = '']) => [name, block]),
)

let database: TestDatabase
let plane: RunningDataPlane
let project: TestProject
let fresh: { token: string; userId: string }
let expired: string
const folders: string[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  plane = await startDataPlane(database)
  project = await createTestProject(database, { settings: { access_token_ttl_seconds: 3_600 } })
  const person = await signUp(plane.url + project.path)
  fresh = { token: person.accessToken, userId: person.userId }
  expect((await call(`${plane.url}${project.path}/verify`, { body: { token: fresh.token } })).status).toBe(200)
  // A process whose clock stands two hours back issues what has run out by now.
  const earlier = new MovableClock()
  earlier.advanceSeconds(-7_200)
  const before = await startDataPlane(database, { clock: earlier })
  expired = (await signUp(before.url + project.path)).accessToken
  await before.close()
})
afterAll(async () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  await plane?.close()
  await database?.drop()
})

function run(language: Language, block: string, token: string, secret: string): Outcome {
  // JavaScript resolves packages from the file's folder upwards.
  const folder = mkdtempSync(join(language.inRepository ? join(ROOT, 'node_modules') : tmpdir(), '.verify-'))
  folders.push(folder)
  for (const [name, text] of Object.entries(language.program(block))) writeFileSync(join(folder, name), text)
  const [command, ...args] = language.command
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    ...language.env,
    TOKEN: token,
    AUTH_JWT_SECRET: secret,
    AUTH_URL: TEST_PUBLIC_URL + project.path,
  }
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, env, encoding: 'utf8', timeout: 60_000 })
  return { code: status, stdout: stdout.trim(), stderr }
}

test('every block of the page has a language here, and every language a block', () => {
  expect([...blocks.keys()]).toEqual(Object.keys(LANGUAGES))
  for (const [name, block] of blocks) if (name !== 'php') expect(block.trim().split('\n'), name).toHaveLength(2)
})

describe.each(Object.entries(LANGUAGES))('%s', (name, language) => {
  const missing = language.missing()
  if (missing) process.stdout.write(`not run: ${name}: ${missing}\n`)
  const block = blocks.get(name) ?? ''

  test.skipIf(missing !== null)('takes a fresh token, and refuses a wrong secret, an expired token and a changed one', { timeout: 120_000 }, () => {
    const good = run(language, block, fresh.token, project.secret)
    expect([good.code, good.stdout], good.stderr).toEqual([0, fresh.userId])
    const [head, payload, signature = ''] = fresh.token.split('.')
    const changed = `${head}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
    const unsigned = `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${payload}.`
    for (const [what, token, secret] of [
      ['wrong secret', fresh.token, 'f'.repeat(64)],
      ['expired', expired, project.secret],
      ['changed', changed, project.secret],
      ['unsigned', unsigned, project.secret],
    ]) {
      const refused = run(language, block, token ?? '', secret ?? '')
      expect([what, refused.code === 0, refused.stdout]).toEqual([what, false, ''])
    }
  })
})
