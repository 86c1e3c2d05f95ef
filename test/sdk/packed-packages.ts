import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ROOT, run } from './built-sdks.js'

export const NPM_PACKAGES = [
  { name: '@portico/sdk', folder: 'libs/sdk-js' },
  { name: '@portico/auth', folder: 'libs/sdk-app' },
  { name: 'portico', folder: 'apps/cli' },
] as const

export type PackageName = (typeof NPM_PACKAGES)[number]['name']

/** What a fresh clone holds of the packages and of what builds them: no `dist`, and nothing that git does not know or ignores. */
export async function cleanCheckout(): Promise<string> {
  const checkout = await mkdtemp(join(tmpdir(), 'portico-checkout-'))
  const wanted = [
    'package.json',
    'package-lock.json',
    'tsconfig.base.json',
    'LICENSE',
    'scripts',
    'apps/cli',
    'libs/sdk-js',
    'libs/sdk-app',
    'libs/sdk-python',
  ]
  const { output } = await run('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate', '--', ...wanted])
  for (const file of output.split('\n').filter((line) => line !== '')) {
    await mkdir(join(checkout, dirname(file)), { recursive: true })
    await cp(join(ROOT, file), join(checkout, file))
  }
  await symlink(join(ROOT, 'node_modules'), join(checkout, 'node_modules'))
  return checkout
}

/** `npm pack` in a clean checkout, which builds first; answers the tarballs in `folder`. */
export async function packInto(folder: string, names: readonly PackageName[]): Promise<string[]> {
  const checkout = await cleanCheckout()
  try {
    for (const { name, folder: source } of NPM_PACKAGES.filter((each) => names.includes(each.name))) {
      const packed = await run('npm', ['pack', '--silent', '--pack-destination', folder], {
        cwd: join(checkout, source),
        env: npmEnv(folder),
      })
      if (packed.code !== 0) throw new Error(`npm pack of ${name}: ${packed.output}`)
    }
  } finally {
    await rm(checkout, { recursive: true, force: true })
  }
  return (await readdir(folder)).filter((file) => file.endsWith('.tgz')).map((file) => join(folder, file))
}

/**
 * An empty project of somebody else into which the tarballs were installed, from nothing but themselves, with `packages` of ours beside
 * them.
 */
export async function projectWithTarballs(names: readonly PackageName[], packages: readonly string[] = []): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'portico-project-'))
  const tarballs = join(folder, 'tarballs')
  await mkdir(tarballs)
  const files = await packInto(tarballs, names)
  const installed = await run('npm', ['install', '--offline', '--no-audit', '--no-fund', '--prefix', folder, ...files], {
    cwd: folder,
    env: npmEnv(folder),
  })
  if (installed.code !== 0) throw new Error(installed.output)
  for (const name of packages) await symlink(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name))
  return folder
}

/** With an empty cache and no settings of the developer: what is not in the tarballs is not there. */
const npmEnv = (folder: string) => ({ HOME: folder, npm_config_cache: join(folder, '.npm-cache'), npm_config_update_notifier: 'false' })
