import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Outcome {
  code: number | null
  stdout: string
  stderr: string
}

export interface RunOptions {
  env?: Record<string, string>
  input?: string
}

export interface TestCommandLine {
  /** The bundle under test. */
  path: string
  /** A folder with the command in it, for PATH. */
  binFolder: string
  /** XDG_CONFIG_HOME of this command line: nothing of the developer's own settings gets in. */
  configHome: string
  portico(args: string[], options?: RunOptions): Promise<Outcome>
  /** With `--json`; answers `data`, throws the whole outcome when it failed. */
  // Tests look into answers of every shape.
  // oxlint-disable-next-line typescript/no-explicit-any
  json(args: string[], options?: RunOptions): Promise<any>
  start(args: string[], options?: RunOptions): ChildProcess
  /** A script of the documentation, in bash, with `portico` on the path. */
  startScript(script: string, options?: RunOptions & { cwd?: string }): ChildProcess
  remove(): void
}

/** Bundles the sources and runs that file, as a user would. */
export async function testCommandLine(defaults: Record<string, string> = {}): Promise<TestCommandLine> {
  const folder = mkdtempSync(join(tmpdir(), 'portico-cli-test-'))
  const { bundle } = (await import(new URL('../../apps/cli/bundle.mjs', import.meta.url).href)) as {
    bundle: (outDir: string) => Promise<string>
  }
  const path = await bundle(join(folder, 'dist'))
  const configHome = join(folder, 'config')
  const binFolder = join(folder, 'bin')
  mkdirSync(binFolder)
  writeFileSync(join(binFolder, 'portico'), `#!/bin/sh\nexec '${process.execPath}' '${path}' "$@"\n`, { mode: 0o755 })

  const launch = (command: string, args: string[], { env = {}, cwd }: RunOptions & { cwd?: string }) =>
    spawn(command, args, {
      env: { PATH: `${binFolder}:${process.env['PATH']}`, HOME: folder, XDG_CONFIG_HOME: configHome, ...defaults, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(cwd === undefined ? {} : { cwd }),
    })
  const start = (args: string[], options: RunOptions = {}) => launch(process.execPath, [path, ...args], options)

  const portico = async (args: string[], options: RunOptions = {}): Promise<Outcome> => {
    const child = start(args, options)
    const outcome = collect(child)
    child.stdin?.end(options.input ?? '')
    return outcome
  }

  return {
    path,
    binFolder,
    configHome,
    start,
    startScript: (script, options = {}) => launch('bash', ['-euo', 'pipefail', '-c', script], options),
    portico,
    json: async (args, options) => {
      const outcome = await portico([...args, '--json'], options)
      if (outcome.code !== 0) throw new Error(`portico ${args.join(' ')} ended with ${outcome.code}: ${outcome.stderr}`)
      return (JSON.parse(outcome.stdout) as { data: unknown }).data
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

export function collect(child: ChildProcess): Promise<Outcome> {
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return new Promise((done) => child.once('close', (code) => done({ code, stdout, stderr })))
}
