import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningProduct, startProduct } from '../support/running-product.js'
import { ROOT, run } from './built-sdks.js'
import { cleanCheckout, NPM_PACKAGES, projectWithTarballs } from './packed-packages.js'
import { square } from '../support/png.js'

// A Python that can build without fetching anything: its setuptools makes wheels, alone (70.1) or with the package `wheel`.
const CAN_BUILD = `import sys, setuptools
assert sys.version_info >= (3, 9)
try: import setuptools.command.bdist_wheel
except ImportError: import wheel`
const python = ['python3', '/usr/bin/python3'].find((command) => spawnSync(command, ['-c', CAN_BUILD]).status === 0)

let product: RunningProduct
let folder: string

beforeAll(async () => {
  product = await startProduct({ mail: 'inbox' })
  folder = await projectWithTarballs(NPM_PACKAGES.map(({ name }) => name))
}, 180_000)
afterAll(async () => {
  await product?.stop()
  await rm(folder, { recursive: true, force: true })
})

const snippets = (readme: string, fence: string) => [...readme.matchAll(new RegExp(`\`\`\`${fence}\\n([\\s\\S]*?)\`\`\``, 'g'))].map((match) => match[1]).join('\n')

describe.each(NPM_PACKAGES)('$name, installed from its tarball', ({ name, folder: source }) => {
  const installed = () => join(folder, 'node_modules', name)
  const files = async () => (await readdir(installed(), { recursive: true })).filter((file) => !/(^|\/)(dist|cjs|portico)$/.test(file))

  test('says what it is, under which license, and where it comes from', async () => {
    const manifest = JSON.parse(await readFile(join(installed(), 'package.json'), 'utf8')) as Record<string, unknown>
    expect(manifest).toMatchObject({
      name,
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      description: expect.stringMatching(/\w/),
      license: 'MIT',
      repository: { type: 'git', url: expect.stringMatching(/^git\+https:\/\/.*\.git$/), directory: source },
      engines: { node: expect.stringMatching(/^>=20/) },
    })
    expect([manifest['private'], manifest['dependencies'], manifest['peerDependencies']]).toEqual([undefined, undefined, undefined])
    expect(await readFile(join(installed(), 'LICENSE'), 'utf8')).toBe(await readFile(join(ROOT, 'LICENSE'), 'utf8'))
    expect(await readFile(join(installed(), 'README.md'), 'utf8')).toContain('# ')
  })

  test('holds no tests, no leftovers of the build, and no source map whose sources are missing', async () => {
    const held = await files()
    expect(held.filter((file) => /\.test\.|tsbuildinfo|\.built$|tsconfig|node_modules/.test(file))).toEqual([])
    for (const file of held.filter((each) => /\.(m?js|d\.ts)$/.test(each))) {
      const named = /^\/\/# sourceMappingURL=(.+)$/m.exec(await readFile(join(installed(), file), 'utf8'))?.[1]
      if (named !== undefined) expect(held).toContain(join(dirname(file), named))
    }
    for (const file of held.filter((each) => each.endsWith('.map'))) {
      const { sources } = JSON.parse(await readFile(join(installed(), file), 'utf8')) as { sources: string[] }
      for (const each of sources) expect(existsSync(join(installed(), dirname(file), each)), `${file} names ${each}`).toBe(true)
    }
  })

  test('names no registry and no place on the machine that built it', async () => {
    // The bundler's comments name commander's files relative to the checkout, whose node_modules are a link here.
    const here = ["'", '"', '`', 'file://'].map((before) => `${before}${ROOT}`)
    for (const file of await files()) {
      if (!(await stat(join(installed(), file))).isFile()) continue
      const text = await readFile(join(installed(), file), 'utf8')
      expect(text, file).not.toMatch(/registry\.npmjs/)
      expect(here.filter((place) => text.includes(place)), file).toEqual([])
    }
  })
})

// The snippets of the two libraries run from their tarballs in readme.test.ts.
test('the README of the command runs, with the command that npm installed', { timeout: 120_000 }, async () => {
  const script = snippets(await readFile(join(folder, 'node_modules/portico/README.md'), 'utf8'), 'sh runs')
  await writeFile(join(folder, 'key.txt'), `${product.key}\n`)
  await writeFile(join(folder, 'logo.png'), Buffer.from(square(48), 'base64'))
  const env = { PATH: `${join(folder, 'node_modules/.bin')}:${process.env['PATH']}`, HOME: folder, XDG_CONFIG_HOME: join(folder, 'config'), PORTICO_URL: product.controlUrl }
  const { code, output } = await run('bash', ['-euo', 'pipefail', '-c', script], { cwd: folder, env })
  expect(code, output).toBe(0)
  expect(output).toMatch(new RegExp(`^${product.dataUrl}/proj_\\S+ 64$`, 'm'))
  expect(await readFile(join(folder, 'node_modules/portico/dist/third-party-licenses.txt'), 'utf8')).toMatch(/^commander\n\n\(The MIT License\)/)
})

describe.skipIf(python === undefined)(`the Python wheel${python === undefined ? ' (skipped: no Python 3.9 with setuptools and wheel on this machine)' : ''}`, () => {
  const command = python ?? ''
  let site: string

  beforeAll(async () => {
    const checkout = await cleanCheckout()
    site = await mkdtemp(join(tmpdir(), 'portico-wheel-'))
    const build = `from setuptools import build_meta\nprint(build_meta.build_wheel(${JSON.stringify(site)}))`
    const built = await run(command, ['-c', build], { cwd: join(checkout, 'libs/sdk-python') })
    const [wheel] = (await readdir(site)).filter((file) => file.endsWith('.whl'))
    await rm(checkout, { recursive: true, force: true })
    expect(wheel, built.output).toMatch(/^portico-\d+\.\d+\.\d+-py3-none-any\.whl$/)
    // A wheel is a zip of what is to be importable.
    expect(await run(command, ['-m', 'zipfile', '-e', join(site, wheel ?? ''), site])).toMatchObject({ code: 0 })
    await cp(join(site, wheel ?? ''), join(folder, wheel ?? ''))
  }, 60_000)
  afterAll(() => rm(site, { recursive: true, force: true }))

  test('holds the package, its license and its types, and no tests', async () => {
    const held = await readdir(site, { recursive: true })
    expect(held).toEqual(expect.arrayContaining(['portico/__init__.py', 'portico/py.typed', expect.stringMatching(/\.dist-info\/(licenses\/)?LICENSE$/)]))
    expect(held.filter((file) => /test/i.test(file))).toEqual([])
    const metadata = await readFile(join(site, held.find((file) => file.endsWith('.dist-info/METADATA')) ?? ''), 'utf8')
    expect(metadata).toMatch(/^Name: portico$/m)
    expect(metadata).toMatch(/^License: MIT$/m)
    expect(metadata).not.toMatch(/^Requires-Dist/m)
  })

  test('its README runs from there', { timeout: 60_000 }, async () => {
    const script = snippets(await readFile(join(ROOT, 'libs/sdk-python/README.md'), 'utf8'), 'python runs')
    const env = { PYTHONPATH: site, PYTHONDONTWRITEBYTECODE: '1', PORTICO_URL: product.controlUrl, PORTICO_API_KEY: product.key }
    const { code, output } = await run(command, ['-c', script], { cwd: folder, env })
    expect(code, output).toBe(0)
    expect(output).toMatch(/^Ada\ninvalid_credentials\n[0-9a-f-]{36}\ninvalid_token\n$/)
  })
})
