import { readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { LIMIT_NAMES } from '@portico/kernel/settings/limits'
import { DEFAULT_SETTINGS } from '@portico/kernel/settings/project-settings'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { projectWithSdks, ROOT, run } from './built-sdks.js'

const PACKAGES = ['sdk-js', 'sdk-app']
const ENTRIES = [
  '@portico/sdk',
  '@portico/auth',
  ...['magic-link', 'email-code', 'social', 'hosted', 'element', 'mfa', 'passkeys', 'organizations'].map((name) => `@portico/auth/${name}`),
  ...['server', 'express', 'fastify', 'hono', 'next', 'postgres'].map(
    (name) => `@portico/auth/${name}`,
  ),
]

describe('the packages as they are published', () => {
  let folder: string
  beforeAll(async () => {
    folder = await projectWithSdks()
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test.each(ENTRIES)('%s can be required and imported, with the same names', async (entry) => {
    const required = await run(process.execPath, ['-e', `console.log(Object.keys(require('${entry}')).sort().join())`], { cwd: folder })
    const imported = await run(
      process.execPath,
      ['--input-type=module', '-e', `console.log(Object.keys(await import('${entry}')).sort().join())`],
      { cwd: folder },
    )
    expect(required).toEqual({ code: 0, output: expect.stringMatching(/\w/) })
    expect(imported).toEqual(required)
  })

  test('a CommonJS program works', async () => {
    const program = `
      const { Portico } = require('@portico/sdk')
      new Portico({ apiKey: 'k', baseUrl: 'http://127.0.0.1:1', maxRetries: 0 }).projects.get('p').catch((error) => console.log(error.name, error.code))`
    expect(await run(process.execPath, ['-e', program], { cwd: folder })).toEqual({ code: 0, output: 'PorticoError network_error\n' })
  })

  test('types hold in ES modules and in CommonJS, without skipping library checks', async () => {
    const program = (imports: string) => `${imports}
      async function use() {
        const portico = new sdk.Portico({ apiKey: 'k', baseUrl: 'http://localhost' })
        const enabled = await portico.projects.auth.enable('proj_1', { allowSignups: true, providers: ['email'] })
        const url: string | null = enabled.authUrl
        for await (const project of portico.projects.list()) { const name: string = project.name; void name }
        const text: string = await portico.runtimeEnv.get('p', { format: 'dotenv' })
        const env: Record<string, string> = (await portico.runtimeEnv.get('p')).env
        // @ts-expect-error not a setting
        await portico.projects.auth.update('proj_1', { allowSignup: true })
        try { await portico.projects.get('p') } catch (error) { if (sdk.isPorticoError(error, 'not_found')) { const code: 'not_found' = error.code; void code } }
        const client = auth.createAuthClient({ url: 'http://localhost', storage: auth.memoryStorage() })
        const result = await client.signUp({ email: 'a', password: 'b' })
        if (result.session) { const token: string = result.session.accessToken; void token }
        const signedIn = await client.logIn({ email: 'a', password: 'b' })
        // @ts-expect-error a second factor may be missing
        void signedIn.accessToken
        if (signedIn.mfaRequired) { const id: string = (await mfa.mfa(client).verify({ mfaToken: signedIn.mfaToken, code: '1' })).userId; void id }
        else if (!signedIn.mfaEnrolmentRequired) { const token: string = signedIn.accessToken; void token }
        await passkeys.passkeys(client).authenticate({ autofill: true })
        const claims = await server.verifyToken('t', { secret: 's' })
        const sub: string = claims.sub
        return [url, text, env, sub]
      }
      void use`
    const names = [
      ['sdk', '@portico/sdk'],
      ['auth', '@portico/auth'],
      ['server', '@portico/auth/server'],
      ['mfa', '@portico/auth/mfa'],
      ['passkeys', '@portico/auth/passkeys'],
    ]
    await writeFile(join(folder, 'esm.mts'), program(names.map(([name, entry]) => `import * as ${name} from '${entry}'`).join('\n')))
    await writeFile(join(folder, 'cjs.cts'), program(names.map(([name, entry]) => `import ${name} = require('${entry}')`).join('\n')))
    const options = {
      module: 'nodenext',
      target: 'es2022',
      lib: ['es2022', 'dom', 'dom.iterable'],
      types: [],
      strict: true,
      noEmit: true,
      skipLibCheck: false,
    }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['esm.mts', 'cjs.cts'] }))
    expect(await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder])).toEqual({ code: 0, output: '' })
  })

  test.each(PACKAGES)('%s depends on nothing, neither a package nor Node', async (name) => {
    const manifest = JSON.parse(await readFile(join(ROOT, 'libs', name, 'package.json'), 'utf8')) as Record<string, unknown>
    expect([manifest['dependencies'], manifest['peerDependencies'], manifest['optionalDependencies']]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    const dist = join(ROOT, 'libs', name, 'dist')
    for (const file of (await readdir(dist)).filter((file) => file.endsWith('.js'))) {
      const text = await readFile(join(dist, file), 'utf8')
      const imported = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, source]) => source ?? '')
      expect(imported.filter((source) => !source.startsWith('./'))).toEqual([])
      expect(text).not.toMatch(/\b(Buffer|__dirname|require\()/)
    }
  })

  test('both work without Node’s process, as on an edge', async () => {
    const program = `
      const { Portico } = await import('@portico/sdk')
      const { verifyToken } = await import('@portico/auth/server')
      const { createAuthClient } = await import('@portico/auth')
      const { log } = console
      const { exit } = process
      for (const name of ['process', 'require']) delete globalThis[name]
      const said = []
      try { new Portico() } catch (error) { said.push(error.name) }
      await verifyToken('x.y.z', { secret: 's' }).catch((error) => said.push(error.code))
      const portico = new Portico({ apiKey: 'k', baseUrl: 'https://control.example', fetch: async (url, init) => Response.json({ data: { id: init.headers['Idempotency-Key'].length, url } }) })
      said.push(JSON.stringify(await portico.projects.create({ name: 'x' })))
      const auth = createAuthClient({ url: 'https://auth.example/proj_1', fetch: async () => Response.json({ ok: true, delivery: 'queued' }) })
      said.push((await auth.resetPassword({ email: 'a@b.c' })).delivery)
      log(said.join(' '))
      exit(0)`
    const output = 'TypeError invalid_token {"id":32,"url":"https://control.example/api/v1/projects"} queued\n'
    expect(await run(process.execPath, ['--input-type=module', '-e', program], { cwd: folder })).toEqual({ code: 0, output })
  })

  test('the script for plain pages is at most 8 KiB gzipped', async () => {
    const script = await readFile(join(ROOT, 'libs/sdk-app/dist/portico-auth.js'))
    expect(gzipSync(script).length).toBeLessThanOrEqual(8 * 1024)
  })

  test('what npm would publish is complete', async () => {
    for (const name of PACKAGES) {
      const packed = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '--loglevel=silent'], {
        cwd: join(ROOT, 'libs', name),
        env: { HOME: process.env['HOME'] ?? '' },
      })
      const [{ files }] = JSON.parse(packed.output.slice(packed.output.indexOf('['))) as [{ files: { path: string }[] }]
      const paths = files.map((file) => file.path)
      const manifest = await readFile(join(ROOT, 'libs', name, 'package.json'), 'utf8')
      const exported = [...manifest.matchAll(/"\.\/((?:dist\/|rls)[^"*]+)"/g)].map(([, path]) => path ?? '')
      expect(exported.length).toBeGreaterThan(4)
      expect(paths).toEqual(expect.arrayContaining([...new Set(exported), 'README.md', 'dist/cjs/package.json']))
      expect(paths.filter((path) => /tsbuildinfo|\.built|\.test\./.test(path))).toEqual([])
    }
  })

  test('the settings that the description knows are those that the product reads', async () => {
    const { components } = parse(await readFile(join(ROOT, 'openapi/control-plane.yaml'), 'utf8')) as {
      components: { schemas: Record<string, { properties: Record<string, { properties: object }> }> }
    }
    const answered = components.schemas['Settings']?.properties ?? {}
    const taken = components.schemas['SettingsInput']?.properties ?? {}
    expect(Object.keys(answered).toSorted()).toEqual(Object.keys(DEFAULT_SETTINGS).toSorted())
    // The captcha has a route of its own, which takes its secret too.
    expect(Object.keys(taken)).toEqual(expect.arrayContaining(Object.keys(DEFAULT_SETTINGS).filter((name) => name !== 'captcha')))
    for (const settings of [answered, taken])
      expect(Object.keys(settings['limits']?.properties ?? {}).toSorted()).toEqual([...LIMIT_NAMES].toSorted())
  })

  test('the committed types are what the OpenAPI files say', async () => {
    expect(await run(process.execPath, ['tools/openapi-types/generate.mjs', '--check'])).toEqual({ code: 0, output: '' })
  })
})
