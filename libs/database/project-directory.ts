import { isHookName, type HookName, type StoredHook } from '@portico/kernel/hooks'
import type { ProjectSettings } from '@portico/kernel/settings/project-settings'
import { resolveSettings, type SettingsOverrides } from '@portico/kernel/settings/read-settings'
import { Database } from './database.js'
import { ProjectScope, takeMintingKey } from './project-scope.js'
import { RecordCache } from './record-cache.js'

const mintingKey = takeMintingKey()

/** A signing key as stored: the secret is sealed. */
export interface StoredSigningKey {
  kid: string
  alg: 'HS256' | 'ES256'
  state: 'standby' | 'current' | 'retired'
  sealed: Buffer
  publicJwk: Record<string, unknown> | null
  createdAt: Date
  verifyUntil: Date | null
}

/** What a process needs to serve one project. Immutable; a change makes a new record. */
export interface ProjectRecord {
  scope: ProjectScope
  name: string
  resourceType: string
  externalProjectId: string | null
  archived: boolean
  enabled: boolean
  firstEnabledAt: Date | null
  settings: ProjectSettings
  overrides: SettingsOverrides
  envVersion: number
  createdAt: Date
  updatedAt: Date
  keys: StoredSigningKey[]
  /** What refresh tokens are computed from, sealed; `null` before a process made it. */
  tokenKey: Buffer | null
  /** It or its tenant has a mail sender besides the installation's. */
  ownMailSender: boolean
  /** It has, or had, words of its own for a mail. */
  ownMailTemplates: boolean
  /** The limit that was reached: strangers may not sign up meanwhile. */
  signUpsPaused: 'max_people' | 'max_monthly_active' | null
  /** The first of its proved host names. `serves`: its DNS leads here, or an operator says so; then links lead there. */
  mainDomain: { hostname: string; serves: boolean } | null
  /** Whom it asks before something happens; `null`: nobody. */
  hooks: Partial<Record<HookName, StoredHook>> | null
}

export interface ProjectDirectoryOptions {
  /** Makes a sealed token key for a project that has none yet. Without it such a project is answered as it is. */
  makeTokenKey?: (projectId: string) => Buffer
  /** Records kept at the most; the least recently used go first. */
  maxRecords?: number
  /** How long a record counts without being heard of: then it is read again. */
  maxAgeMs?: number
  /** How long one counts when it cannot be read again, because the database does not answer. */
  maxStaleMs?: number
  /**
   * Monotonic milliseconds of the last moment by which every change before it had arrived. Ages count from there: a record that nobody
   * changed is not read again. Without it ages count from the read.
   */
  heardAt?: () => number
  /** Monotonic milliseconds. */
  monotonicMs?: () => number
}

/** The one maker of `ProjectScope`. Reads projects through `auth.resolve_project` and remembers them until told otherwise. */
export class ProjectDirectory {
  readonly #database: Database
  readonly #makeTokenKey: ((projectId: string) => Buffer) | null
  readonly #records: RecordCache<ProjectRecord | null>
  readonly #hosts: RecordCache<string | null>

  constructor(database: Database, options: ProjectDirectoryOptions = {}) {
    this.#database = database
    this.#makeTokenKey = options.makeTokenKey ?? null
    const maxRecords = options.maxRecords ?? 10_000
    const cache = {
      maxSize: maxRecords,
      maxAgeMs: options.maxAgeMs ?? 2_000,
      maxStaleMs: options.maxStaleMs ?? 30_000,
      monotonicMs: options.monotonicMs ?? (() => performance.now()),
      heardAt: options.heardAt ?? (() => -Infinity),
    }
    this.#records = new RecordCache(cache)
    this.#hosts = new RecordCache(cache)
  }

  /** The project with this UUID, or `null`. Archived projects are answered; callers decide. */
  resolve(projectId: string): Promise<ProjectRecord | null> {
    return this.#database.waiting(() => this.#records.get(projectId, () => this.#read(projectId)))
  }

  /** Like `resolve`, without waiting; `null` also for a project that is not in memory. */
  known(projectId: string): ProjectRecord | null {
    return this.#records.peek(projectId) ?? null
  }

  /** Like `resolve`, by a read that begins after this call: what was changed before it is seen. */
  resolveFresh(projectId: string): Promise<ProjectRecord | null> {
    return this.#database.waiting(() => this.#records.renew(projectId, () => this.#read(projectId)))
  }

  /** The project that holds a verified custom domain, or `null`. */
  async resolveHost(hostname: string): Promise<ProjectRecord | null> {
    const projectId = await this.#database.waiting(() => this.#hosts.get(hostname, () => this.#readHost(hostname)))
    return projectId === null ? null : this.resolve(projectId)
  }

  /** A project changed. */
  invalidate(projectId: string): void {
    this.#records.drop(projectId)
    // Host names change rarely and have no entry by project.
    this.#hosts.clear()
  }

  /** Changes may have been missed. */
  invalidateAll(): void {
    this.#records.clear()
    this.#hosts.clear()
  }

  get size(): number {
    return this.#records.size
  }

  async #readHost(hostname: string): Promise<string | null> {
    const ask = { name: 'resolve_host', text: 'select auth.resolve_host($1) as project_id', values: [hostname] }
    const rows = await this.#database.shared(() => this.#database.run<{ project_id: string | null }>(ask))
    return rows[0]?.project_id ?? null
  }

  #read(projectId: string): Promise<ProjectRecord | null> {
    return this.#database.shared(() => this.#readRecord(projectId))
  }

  async #readRecord(projectId: string): Promise<ProjectRecord | null> {
    const rows = await this.#database.run<ResolvedRow>({
      name: 'resolve_project',
      text: `select project_id, tenant_id, name, resource_type, external_project_id, archived, enabled, first_enabled_at, settings, env_version,
        created_at, updated_at, keys, token_key_sealed, own_mail_sender, own_mail_templates, sign_ups_paused,
        main_domain, main_domain_serves, hooks from auth.resolve_project($1)`,
      values: [projectId],
    })
    const row = rows[0]
    if (!row) return null
    return {
      scope: ProjectScope.mint(mintingKey, row.project_id, row.tenant_id),
      name: row.name,
      resourceType: row.resource_type,
      externalProjectId: row.external_project_id,
      archived: row.archived,
      enabled: row.enabled,
      firstEnabledAt: row.first_enabled_at,
      settings: resolveSettings(row.settings),
      overrides: row.settings,
      envVersion: row.env_version,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
      keys: row.keys.map((key) => ({
        kid: key.kid,
        alg: key.alg,
        state: key.state,
        sealed: Buffer.from(key.sealed, 'base64'),
        publicJwk: key.public_jwk,
        createdAt: new Date(key.created_at),
        verifyUntil: key.verify_until === null ? null : new Date(key.verify_until),
      })),
      tokenKey: row.token_key_sealed ?? (row.first_enabled_at === null ? null : await this.#adoptTokenKey(row.project_id)),
      ownMailSender: row.own_mail_sender,
      ownMailTemplates: row.own_mail_templates,
      signUpsPaused: row.sign_ups_paused,
      mainDomain: row.main_domain === null ? null : { hostname: row.main_domain, serves: row.main_domain_serves },
      hooks: row.hooks && readHooks(row.hooks),
    }
  }

  /** Of several processes that make one at once, the first one's stands. */
  async #adoptTokenKey(projectId: string): Promise<Buffer | null> {
    if (this.#makeTokenKey === null) return null
    const rows = await this.#database.run<{ sealed: Buffer }>({
      name: 'adopt_token_key',
      text: 'select auth.adopt_token_key($1, $2) as sealed',
      values: [projectId, this.#makeTokenKey(projectId)],
    })
    return rows[0]?.sealed ?? null
  }
}

interface ResolvedRow {
  project_id: string
  tenant_id: string
  name: string
  resource_type: string
  external_project_id: string | null
  archived: boolean
  enabled: boolean
  first_enabled_at: Date | null
  settings: SettingsOverrides
  env_version: number
  created_at: Date
  updated_at: Date
  keys: {
    kid: string
    alg: 'HS256' | 'ES256'
    state: 'standby' | 'current' | 'retired'
    sealed: string
    public_jwk: Record<string, unknown> | null
    created_at: string
    verify_until: string | null
  }[]
  token_key_sealed: Buffer | null
  own_mail_sender: boolean
  own_mail_templates: boolean
  sign_ups_paused: ProjectRecord['signUpsPaused']
  main_domain: string | null
  main_domain_serves: boolean
  hooks: Record<string, RawHook> | null
}

interface RawHook {
  id: string
  url: string
  on_failure: StoredHook['onFailure']
  sealed: string
}

function readHooks(rows: Record<string, RawHook>): Partial<Record<HookName, StoredHook>> {
  const hooks: Partial<Record<HookName, StoredHook>> = {}
  for (const [name, { id, url, on_failure: onFailure, sealed }] of Object.entries(rows))
    if (isHookName(name)) hooks[name] = { id, url, onFailure, secretSealed: Buffer.from(sealed, 'base64') }
  return hooks
}
