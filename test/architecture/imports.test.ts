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
  'libs/rate-limit': ['kernel', 'redis'],
  'libs/redis': ['kernel'],
  'libs/postgres': ['kernel'],
  'libs/queue': ['kernel', 'postgres', 'redis'],
  'libs/email': ['kernel', 'outbound'],
  'libs/database': ['kernel', 'postgres'],
  'libs/outbound': ['kernel'],
  'libs/tracing': ['kernel'],
  'libs/oauth': ['kernel', 'outbound'],
  'libs/scim': [],
  'libs/sso': ['kernel', 'crypto'],
  'libs/authenticators': ['kernel'],
  'libs/end-user': [
    'kernel', 'crypto', 'tokens', 'database', 'queue', 'outbound', 'oauth', 'sso', 'authenticators', 'scim',
  ],
  'libs/platform': ['kernel', 'crypto', 'tokens', 'database', 'queue', 'outbound', 'oauth'],
  'libs/http': ['kernel', 'database', 'rate-limit'],
  'apps/control-plane': [
    'tracing',
    'kernel',
    'config',
    'crypto',
    'tokens',
    'rate-limit',
    'queue',
    'email',
    'database',
    'outbound',
    'oauth',
    'end-user',
    'platform',
    'http',
    'scim',
  ],
  'apps/data-plane': [
    'tracing',
    'kernel',
    'config',
    'crypto',
    'tokens',
    'rate-limit',
    'email',
    'database',
    'outbound',
    'oauth',
    'end-user',
    'http',
    'scim',
  ],
  // A client like any other: it has nothing but what every client has.
  'apps/cli': ['sdk'],
  'apps/console': ['sdk'],
  'apps/worker': [
    'tracing',
    'kernel',
    'config',
    'crypto',
    'tokens',
    'queue',
    'outbound',
    'email',
    'database',
    'end-user',
    'platform',
    'http',
    'rate-limit',
  ],
}

/** One home for every outside package: who may import it. */
const HOMES: [RegExp, RegExp][] = [
  [/^jose$/, /^libs\/tokens\//],
  [/^scim2-parse-filter$/, /^libs\/scim\//],
  [/^tldts$/, /^libs\/kernel\//],
  [/^(oauth4webapi|openid-client)$/, /^libs\/oauth\//],
  [/^(@node-saml\/|xml-crypto$|@xmldom\/|xml-encryption$)/, /^libs\/sso\/saml\//],
  [/^(@simplewebauthn\/|otpauth$|qr$)/, /^libs\/authenticators\//],
  [/^(node:)?crypto$/, /^libs\/(crypto\/|kernel\/entropy\.ts)/],
  [/^@opentelemetry\//, /^libs\/tracing\//],
  [/^bullmq/, /^(libs\/queue|apps\/worker)\//],
  [/^ioredis$/, /^libs\/redis\//],
  [/^(resend|nodemailer|liquidjs)$/, /^libs\/email\//],
  [/^intl-messageformat$/, /^(libs\/email|apps\/data-plane\/pages)\//],
  [/^@nestjs\//, /^(libs\/http|apps\/[^/]+)\//],
  [/^fastify$/, /^(libs\/http|apps\/[^/]+)\//],
  [/^class-validator$/, /(\.body\.ts$|^libs\/config\/|^libs\/http\/)/],
  [/^pg$/, /^libs\/(database|postgres)\//],
  [/^@prisma\/|\/generated\//, /^libs\/database\//],
  [/^(@node-rs\/argon2|@zxcvbn-ts\/.+)$/, /^libs\/crypto\//],
  [/^(react|react-dom|lucide-react|react-hook-form|cmdk|uplot|@base-ui|@tanstack)(\/|$)/, /^apps\/console\//],
  [/^express$|^passport/, /^$/],
]

/**
 * The floors of the domain, lowest first; above them the use cases, a folder each. `project` and `abuse` are rules without tables;
 * `records` the only SQL; `steps` what several use cases do.
 */
const FLOORS: Record<string, string[][]> = {
  'libs/end-user': [['project', 'abuse', 'records'], ['steps']],
  'libs/platform': [['records']],
}

/**
 * The data plane, lowest first: whose project it is, our own pages, the dialects. Files at its top wire everything, and are known to routes
 * as the bag of use cases alone.
 */
const DATA_PLANE = 'apps/data-plane'
const DATA_PLANE_FLOORS = ['project', 'pages', 'dialects']

interface ImportLine {
  file: string
  target: string
}

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.d.ts'))
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length))
    .filter((file) => !/\/(dist|node_modules|generated)\//.test(file) && !file.endsWith('.test.ts'))
}

/** `libs/end-user/records` for a file below it, `libs/kernel` for one at the top of its package. */
function folderOf(path: string): string {
  const parts = path.split('/')
  return parts.slice(0, parts.length > 3 ? 3 : 2).join('/')
}

function imports(file: string): ImportLine[] {
  const text = readFileSync(join(ROOT, file), 'utf8')
  const found = text.matchAll(
    /^\s*(?:import|export)\b[^'"]*?from\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm,
  )
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

  test('arrows between folders of one library point one way', () => {
    const arrows = new Map<string, string>()
    for (const { file, target } of all) {
      if (!target.startsWith('.') || !file.startsWith('libs/')) continue
      const [from, to] = [folderOf(file), folderOf(join(file, '..', target))]
      if (from !== to) arrows.set(`${from} ${to}`, `${file} imports ${target}`)
    }
    const mutual = [...arrows].filter(([arrow]) => arrows.has(arrow.split(' ').toReversed().join(' ')))
    expect(mutual).toEqual([])
  })

  test('no file imports itself by way of others', () => {
    const known = new Set(folders.flatMap(sources))
    const arrows = new Map<string, string[]>()
    for (const { file, target } of all) {
      const [, name = '', rest = ''] = /^@portico\/([^/]+)\/(.+)$/.exec(target) ?? []
      const path = target.startsWith('.') ? join(file, '..', target).replace(/\.js$/, '') : `libs/${name}/${rest}`
      const to = [`${path}.ts`, `${path}.tsx`].find((candidate) => known.has(candidate))
      if (to) arrows.set(file, [...(arrows.get(file) ?? []), to])
    }
    // What only reaches files that are in no circle is in none itself: taken off until nothing more goes.
    const left = new Map(arrows)
    for (let before = -1; before !== left.size; ) {
      before = left.size
      for (const [file, targets] of left) if (!targets.some((to) => left.has(to))) left.delete(file)
    }
    const circular = [...left].filter(([file]) => [...left.values()].some((targets) => targets.includes(file)))
    expect(circular.map(([file]) => file)).toEqual([])
  })

  test.each(Object.entries(FLOORS))('the floors of %s: what is below knows nothing of what is above', (folder, floors) => {
    const floorOf = (path: string) => {
      const part = path.slice(folder.length + 1).split('/')[0]!
      const found = floors.findIndex((names) => names.includes(part))
      // Files at the top of the package and folders that are not named below the use cases are use cases.
      return part.includes('.') ? 0 : found === -1 ? floors.length : found
    }
    const upwards = all
      .filter(({ file, target }) => file.startsWith(`${folder}/`) && target.startsWith('.'))
      .filter(
        ({ file, target }) => floorOf(join(file, '..', target)) > floorOf(file) && !file.slice(folder.length + 1).match(/^[^/]+\.ts$/),
      )
    expect(upwards).toEqual([])
  })

  test('arrows between the folders of the data plane point one way: dialects know pages and project, never the other way', () => {
    const floorOf = (path: string) => DATA_PLANE_FLOORS.indexOf(path.split('/')[2]!)
    const inside = all
      .filter(({ file, target }) => file.startsWith(`${DATA_PLANE}/`) && target.startsWith('.'))
      .map(({ file, target }) => ({ file, to: join(file, '..', target) }))
      // Files at the top wire.
      .filter(({ file }) => file.split('/').length > 3)
    const upwards = inside.filter(({ file, to }) => floorOf(to) > floorOf(file))
    expect(upwards).toEqual([])
    const known = inside.filter(({ to }) => to.split('/').length === 3).map(({ to }) => to)
    expect([...new Set(known)]).toEqual([`${DATA_PLANE}/use-cases.js`])
  })

  test('a dialect knows no other dialect', () => {
    const dialectOf = (path: string) => /^apps\/data-plane\/dialects\/([^/]+)\//.exec(path)?.[1]
    const across = all.filter(({ file, target }) => {
      const [from, to] = [dialectOf(file), target.startsWith('.') ? dialectOf(join(file, '..', target)) : undefined]
      return from !== undefined && to !== undefined && from !== to
    })
    expect(across).toEqual([])
  })

  test('the data plane has one form of route', () => {
    const nest = all.filter(({ file, target }) => file.startsWith(`${DATA_PLANE}/`) && target.startsWith('@nestjs/'))
    expect(nest.filter(({ file }) => file !== `${DATA_PLANE}/plane.ts`)).toEqual([])
    expect(sources(DATA_PLANE).filter((file) => file.endsWith('.controller.ts'))).toEqual([])
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
    expect(folders.flatMap(sources).filter((file) => /\/(index|utils|helpers|common)\.tsx?$/.test(file))).toEqual([])
  })

  test('no committed file names a package registry', () => {
    const lock = readFileSync(join(ROOT, 'package-lock.json'), 'utf8')
    expect(lock).not.toMatch(/"resolved": "https?:/)
  })
})
