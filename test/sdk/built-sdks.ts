import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export interface Outcome {
  code: number
  output: string
}

export function run(command: string, args: string[], options: { cwd?: string; env?: Record<string, string> } = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'] ?? '', ...options.env }
    execFile(command, args, { cwd: options.cwd ?? ROOT, env, timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: error ? (typeof error.code === 'number' ? error.code : 1) : 0, output: stdout + stderr })
    })
  })
}

/** Builds both SDKs and answers a folder of somebody else's project in which they are installed, with `packages` of ours beside them. */
export async function projectWithSdks(packages: readonly string[] = []): Promise<string> {
  const built = await run(process.execPath, ['scripts/build-sdk.mjs'])
  if (built.code !== 0) throw new Error(built.output)
  const folder = await mkdtemp(join(tmpdir(), 'portico-sdk-'))
  await mkdir(join(folder, 'node_modules', '@portico'), { recursive: true })
  await symlink(join(ROOT, 'libs', 'sdk-js'), join(folder, 'node_modules', '@portico', 'sdk'))
  await symlink(join(ROOT, 'libs', 'sdk-app'), join(folder, 'node_modules', '@portico', 'auth'))
  for (const name of packages) await symlink(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name))
  return folder
}
