import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { CliError } from './cli-error.js'

export interface Profile {
  /** Origin of the control plane, without a trailing slash. */
  apiUrl: string
  apiKey?: string
  /** Used when neither `--project` nor PORTICO_PROJECT names one. */
  project?: string
}

interface ConfigFile {
  current: string
  profiles: Record<string, Profile>
}

const DEFAULT_PROFILE = 'default'
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/** `$XDG_CONFIG_HOME/portico/config.json`; a relative XDG_CONFIG_HOME is ignored, as the XDG specification says. */
export function configPath(env: NodeJS.ProcessEnv): string {
  if (env['PORTICO_CONFIG_FILE']) return env['PORTICO_CONFIG_FILE']
  const xdg = env['XDG_CONFIG_HOME']
  return join(xdg?.startsWith('/') ? xdg : join(env['HOME'] ?? homedir(), '.config'), 'portico', 'config.json')
}

/** The profiles of this machine's user. The file holds API keys: only its owner may read it. */
export class ProfileStore {
  readonly path: string
  private readonly warn: (message: string) => void

  constructor(path: string, warn: (message: string) => void) {
    this.path = path
    this.warn = warn
  }

  currentName(): string {
    return this.read().current
  }

  get(name: string): Profile | null {
    const { profiles } = this.read()
    return Object.hasOwn(profiles, name) ? (profiles[name] ?? null) : null
  }

  list(): { name: string; current: boolean; profile: Profile }[] {
    const { current, profiles } = this.read()
    return Object.entries(profiles).map(([name, profile]) => ({ name, current: name === current, profile }))
  }

  /** Stores the profile and makes it the current one. */
  save(name: string, profile: Profile): void {
    if (!NAME.test(name))
      throw new CliError('invalid_profile_name', `"${name}" is not a profile name: letters, digits, dot, dash and underscore, at most 64.`)
    const file = this.read()
    file.profiles[name] = profile
    file.current = name
    this.write(file)
  }

  use(name: string): void {
    const file = this.read()
    if (!Object.hasOwn(file.profiles, name)) throw unknownProfile(name)
    file.current = name
    this.write(file)
  }

  /** True when there was one. */
  remove(name: string): boolean {
    const file = this.read()
    if (!Object.hasOwn(file.profiles, name)) return false
    delete file.profiles[name]
    if (file.current === name) file.current = Object.keys(file.profiles)[0] ?? DEFAULT_PROFILE
    this.write(file)
    return true
  }

  private read(): ConfigFile {
    if (!existsSync(this.path)) return { current: DEFAULT_PROFILE, profiles: {} }
    this.tighten()
    try {
      const parsed = JSON.parse(readFileSync(this.path, 'utf8')) as { current?: unknown; profiles?: unknown }
      const profiles: Record<string, Profile> = {}
      for (const [name, value] of Object.entries((parsed.profiles ?? {}) as Record<string, Record<string, unknown>>)) {
        if (typeof value?.['api_url'] !== 'string') continue
        const profile: Profile = { apiUrl: value['api_url'] }
        if (typeof value['api_key'] === 'string') profile.apiKey = value['api_key']
        if (typeof value['project'] === 'string') profile.project = value['project']
        profiles[name] = profile
      }
      return { current: typeof parsed.current === 'string' ? parsed.current : DEFAULT_PROFILE, profiles }
    } catch (cause) {
      throw new CliError(
        'invalid_config_file',
        `${this.path} is not readable as configuration. Repair it, or delete it and log in again.`,
        { cause },
      )
    }
  }

  /** A key that others could read is told about, and closed. */
  private tighten(): void {
    if (process.platform === 'win32') return
    if ((statSync(this.path).mode & 0o077) === 0) return
    this.warn(`${this.path} was readable by other users of this machine; its mode is now 0600. If that worries you, revoke the key and log in with a new one.`)
    chmodSync(this.path, 0o600)
  }

  private write(file: ConfigFile): void {
    const profiles = Object.fromEntries(
      Object.entries(file.profiles).map(([name, { apiUrl, apiKey, project }]) => [name, { api_url: apiUrl, api_key: apiKey, project }]),
    )
    mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 })
    // Written beside and renamed: a full disk or a crash leaves the old file whole.
    const draft = `${this.path}.${process.pid}.tmp`
    writeFileSync(draft, `${JSON.stringify({ current: file.current, profiles }, null, 2)}\n`, { mode: 0o600 })
    renameSync(draft, this.path)
  }
}

export function unknownProfile(name: string): CliError {
  return new CliError(
    'unknown_profile',
    `There is no profile "${name}". \`portico profiles list\` shows them; \`portico login --profile ${name}\` makes one.`,
  )
}
