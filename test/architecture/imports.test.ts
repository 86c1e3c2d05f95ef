import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const ROOT = new URL('../../', import.meta.url).pathname

/** architecture.md, section 2: what each folder may import of ours. */
const MAY_IMPORT: Record<string, string[]> = {
  'libs/kernel': [],
  'libs/config': ['kernel'],
  'libs/crypto': ['kernel'],
  'libs/tokens': ['kernel', 'crypto'],
  'libs/rate-limit': ['kernel'],
  'libs/postgres': [],
  'libs/queue': ['kernel', 'postgres'],
  'libs/email': ['kernel'],
  'libs/database': ['kernel', 'postgres'],
  'libs/oauth': ['kernel'],
  'libs/authenticators': ['kernel'],
  'libs/end-user': ['kernel', 'crypto', 'tokens', 'database', 'queue', 'oauth', 'authenticators'],
  'libs/platform': ['kernel', 'crypto', 'tokens', 'database', 'queue', 'oauth'],
  'libs/http': ['kernel', 'database', 'rate-limit'],
  'apps/control-plane': ['kernel', 'config', 'crypto', 'tokens', 'rate-limit', 'queue', 'email', 'database', 'oauth', 'end-user', 'platform', 'http'],
  'apps/data-plane': ['kernel', 'config', 'crypto', 'tokens', 'rate-limit', 'email', 'database', 'oauth', 'end-user', 'http'],
  // A client like any other: it has nothing but what every client has.
  'apps/cli': ['sdk'],
  'apps/worker': ['kernel', 'config', 'crypto', 'tokens', 'queue', 'email', 'database', 'end-user', 'platform', 'http'],
}

/** One home for every outside package: who may import it. */
const HOMES: [RegExp, RegExp][] = [
  [/^jose$/, /^libs\/tokens\//],
  [/^(oauth4webapi|openid-client)$/, /^libs\/oauth\//],
  [/^(@simplewebauthn\/|otpauth$|qr$)/, /^libs\/authenticators\//],
  [/^(node:)?crypto$/, /^libs\/(crypto\/|kernel\/entropy\.ts)/],
  [/^bullmq/, /^(libs\/queue|apps\/worker)\//],
  [/^ioredis$/, /^libs\/(rate-limit|queue)\//],
  [/^resend$/, /^libs\/email\//],
  [/^@nestjs\//, /^(libs\/http|apps\/[^/]+)\//],
  [/^fastify$/, /^(libs\/http|apps\/[^/]+)\//],
  [/^class-validator$/, /(\.body\.ts$|^libs\/config\/|^libs\/http\/)/],
  [/^pg$/, /^libs\/(database|postgres)\//],
  [/^@prisma\/|\/generated\//, /^libs\/database\//],
  [/^@node-rs\/argon2$/, /^libs\/crypto\//],
  [/^express$|^passport/, /^$/],
]

interface ImportLine {
  file: string
  target: string
}

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length))
    .filter((file) => !/\/(dist|node_modules|generated)\//.test(file) && !file.endsWith('.test.ts'))
}

function imports(file: string): ImportLine[] {
  const text = readFileSync(join(ROOT, file), 'utf8')
  const found = text.matchAll(/^\s*(?:import|export)\b[^'"]*?from\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm)
  return [...found].map((match) => ({ file, target: (match[1] ?? match[2] ?? match[3])! }))
}

const folders = Object.keys(MAY_IMPORT)
const all = folders.flatMap((folder) => sources(folder).flatMap(imports))

describe('import rules', () => {
  test('the reader sees the imports at all', () => {
    expect(all.length).toBeGreaterThan(200)
  })

  test.each(folders)('%s imports only what it may', (folder) => {
    const wrong = all
      .filter(({ file, target }) => file.startsWith(`${folder}/`) && target.startsWith('@portico/'))
      .filter(({ target }) => !MAY_IMPORT[folder]!.includes(target.split('/')[1]!))
    expect(wrong).toEqual([])
  })

  test('a package never reaches into another by a relative path', () => {
    const escaping = all.filter(({ file, target }) => {
      if (!target.startsWith('.')) return false
      const home = file.split('/').slice(0, 2).join('/')
      return !join(file, '..', target).startsWith(`${home}/`)
    })
    expect(escaping).toEqual([])
  })

  test('every outside package has one home', () => {
    const homeless = all.filter(({ file, target }) => HOMES.some(([name, home]) => name.test(target) && !home.test(file)))
    expect(homeless).toEqual([])
  })

  test('the domain reads no environment variable and no clock of its own', () => {
    const offenders = ['libs/end-user', 'libs/platform', 'libs/tokens', 'libs/email'].flatMap(sources).filter((file) => {
      const text = readFileSync(join(ROOT, file), 'utf8').replaceAll(/\/\/.*$|\/\*[\s\S]*?\*\//gm, '')
      return /process\.env|Date\.now\(\)|new Date\(\)|Math\.random\(/.test(text)
    })
    expect(offenders).toEqual([])
  })

  test('there is no barrel and no drawer for odds and ends', () => {
    expect(folders.flatMap(sources).filter((file) => /\/(index|utils|helpers|common)\.ts$/.test(file))).toEqual([])
  })

  test('no committed file names a package registry', () => {
    const lock = readFileSync(join(ROOT, 'package-lock.json'), 'utf8')
    expect(lock).not.toMatch(/"resolved": "https?:/)
  })
})
