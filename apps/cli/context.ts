import { Portico } from '@portico/sdk'
import type { Command } from 'commander'
import { CliError, EXIT } from './cli-error.js'
import type { Io } from './io.js'
import { Output } from './output.js'
import { configPath, ProfileStore, unknownProfile, type Profile } from './profile-store.js'

export const DEVELOPMENT_URL = 'http://127.0.0.1:4000'

export interface GlobalOptions {
  json?: boolean
  profile?: string
  url?: string
}

export interface Connection {
  profileName: string
  url: string
  apiKey: string | null
  /** Where the key came from, for people who wonder. */
  keySource: 'PORTICO_API_KEY' | 'profile' | null
}

/** What one command runs with. */
export class Context {
  readonly io: Io
  readonly output: Output
  readonly store: ProfileStore
  readonly global: GlobalOptions
  /** The project that the command is about, once it has asked for it. */
  askedProject: string | undefined

  constructor(io: Io, command: Command) {
    this.io = io
    this.global = command.optsWithGlobals<GlobalOptions>()
    this.output = new Output(io, this.global.json ?? false)
    this.store = new ProfileStore(configPath(io.env), (message) => this.output.warn(message))
  }

  profileName(): string {
    return this.global.profile ?? (this.io.env['PORTICO_PROFILE'] || this.store.currentName())
  }

  /** Flags win over the environment, the environment over the profile. */
  connection(): Connection {
    const profileName = this.profileName()
    const profile = this.profile(profileName)
    const url = originOf(this.global.url ?? (this.io.env['PORTICO_URL'] || (profile?.apiUrl ?? DEVELOPMENT_URL)))
    const fromEnv = this.io.env['PORTICO_API_KEY']
    if (fromEnv) return { profileName, url, apiKey: fromEnv, keySource: 'PORTICO_API_KEY' }
    if (!profile?.apiKey) return { profileName, url, apiKey: null, keySource: null }
    // A key goes only where it was stored for: --url must not be able to send it elsewhere by a slip.
    if (originOf(profile.apiUrl) !== url) {
      throw new CliError('key_for_another_url', `Profile "${profileName}" holds a key for ${profile.apiUrl}, not for ${url}. Log in there with a profile of its own, or set PORTICO_API_KEY.`, { exitCode: EXIT.auth })
    }
    return { profileName, url, apiKey: profile.apiKey, keySource: 'profile' }
  }

  platform(): Portico {
    const { url, apiKey } = this.connection()
    if (!apiKey) throw new CliError('not_logged_in', 'No API key. Run `portico login`, or set PORTICO_API_KEY.', { exitCode: EXIT.auth })
    return this.platformFor(url, apiKey)
  }

  platformFor(url: string, apiKey: string): Portico {
    return new Portico({ baseUrl: url, apiKey })
  }

  projectId(given: string | undefined): string {
    const id = given ?? (this.io.env['PORTICO_PROJECT'] || this.profile(this.profileName())?.project)
    if (!id)
      throw new CliError(
        'project_required',
        'Say which project: --project proj_…, or set PORTICO_PROJECT. `portico projects list` shows them.',
      )
    this.askedProject = id
    return id
  }

  /** A call to the control plane: shows that it is waited for. */
  waitFor<T>(title: string, work: PromiseLike<T>): Promise<T> {
    return this.output.progress(title, Promise.resolve(work))
  }

  private profile(name: string): Profile | null {
    const profile = this.store.get(name)
    if (!profile && (this.global.profile ?? this.io.env['PORTICO_PROFILE'])) {
      // Only the environment can make a named profile that does not exist harmless.
      if (!this.io.env['PORTICO_API_KEY']) throw unknownProfile(name)
    }
    return profile
  }
}

export function originOf(url: string): string {
  if (!URL.canParse(url) || !/^https?:/.test(url)) throw new CliError('invalid_url', `"${url}" is not an http or https URL.`)
  const { origin, pathname } = new URL(url)
  return `${origin}${pathname.replace(/\/(api\/)?v1\/?$/, '').replace(/\/+$/, '')}`
}
