import type { ProjectSettings } from '@portico/kernel/settings/project-settings'
import { resolveSettings, type SettingsOverrides } from '@portico/kernel/settings/read-settings'
import { Database } from './database.js'
import { ProjectScope, takeMintingKey } from './project-scope.js'

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
}

export interface ProjectDirectoryOptions {
  /** Makes a sealed token key for a project that has none yet. Without it such a project is answered as it is. */
  makeTokenKey?: (projectId: string) => Buffer
  /** Records kept at the most; the least recently used go first. */
  maxRecords?: number
  /** Silence of the channel after which a record is read again: the bound on what a lost channel can hide. */
  maxAgeMs?: number
  /**
   * Monotonic milliseconds of the last moment by which every announcement before it had arrived. Ages count from there: a record that nobody
   * changed is not read again twice a minute, which would cost thousands of busy projects a statement for every few requests.
   * Without it ages count from the read.
   */
  heardAt?: () => number
  /** Monotonic milliseconds. */
  monotonicMs?: () => number
}

interface Slot<T> {
  value: Promise<T>
  /** The value once it is there. */
  settled: T | undefined
  readAt: number
}

const MAX_ABSENT = 1_000
/** However well the channel is heard: an announcement that somebody forgot to write hides a change no longer. */
const MAX_HEARD_AGE_MS = 600_000

/**
 * Bounded, aged, single-flight cache. Dropping a key while its load is in flight makes the next reader load again.
 * Keys without a project (`null`) are cached apart and bounded, so that made-up ones cannot evict real entries.
 */
class Cache<T> {
  readonly #slots = new Map<string, Slot<T>>()
  readonly #absent = new Map<string, Slot<T>>()
  readonly #renewals = new Map<string, { value: Promise<T>; next: Promise<T> | null }>()

  constructor(
    private readonly maxSize: number,
    private readonly maxAgeMs: number,
    private readonly monotonicMs: () => number,
    private readonly heardAt: () => number,
  ) {}

  #young({ readAt }: Slot<T>): boolean {
    const now = this.monotonicMs()
    return now - Math.max(readAt, this.heardAt()) < this.maxAgeMs && now - readAt < Math.max(this.maxAgeMs, MAX_HEARD_AGE_MS)
  }

  get(key: string, load: () => Promise<T>): Promise<T> {
    const absent = this.#absent.get(key)
    if (absent && this.#young(absent)) return absent.value
    const found = this.#slots.get(key)
    if (found && this.#young(found)) {
      this.#slots.delete(key)
      this.#slots.set(key, found)
      return found.value
    }
    const slot: Slot<T> = { value: load(), settled: undefined, readAt: this.monotonicMs() }
    this.#absent.delete(key)
    this.#slots.set(key, slot)
    slot.value.then(
      (value) => {
        slot.settled = value
        if (this.#slots.get(key) !== slot) return
        // Only now, when it is known to be real; reads in flight are bounded by the requests in flight.
        if (value !== null) return this.#trim()
        this.#slots.delete(key)
        this.#absent.set(key, slot)
        if (this.#absent.size > MAX_ABSENT) this.#absent.delete(this.#absent.keys().next().value!)
      },
      () => {
        if (this.#slots.get(key) === slot) this.#slots.delete(key)
      },
    )
    return slot.value
  }

  /** By a load that begins after this call. Those who ask while one is in flight share the next, so that a flood costs one load at a time. */
  renew(key: string, load: () => Promise<T>): Promise<T> {
    const running = this.#renewals.get(key)
    if (!running) return this.#startRenewal(key, load)
    const start = () => this.#startRenewal(key, load)
    running.next ??= running.value.then(start, start)
    return running.next
  }

  #startRenewal(key: string, load: () => Promise<T>): Promise<T> {
    this.drop(key)
    const renewal = { value: this.get(key, load), next: null }
    this.#renewals.set(key, renewal)
    // One that has a successor is replaced by it.
    const over = () => void (renewal.next === null && this.#renewals.delete(key))
    renewal.value.then(over, over)
    return renewal.value
  }

  /** The value if it is in memory and young enough. */
  peek(key: string): T | undefined {
    const found = this.#slots.get(key)
    return found && this.#young(found) ? found.settled : undefined
  }

  #trim(): void {
    while (this.#slots.size > this.maxSize) this.#slots.delete(this.#slots.keys().next().value!)
  }

  drop(key: string): void {
    this.#slots.delete(key)
    this.#absent.delete(key)
  }

  clear(): void {
    this.#slots.clear()
    this.#absent.clear()
  }

  get size(): number {
    return this.#slots.size
  }
}

/** The one maker of `ProjectScope`. Reads projects through `auth.resolve_project` and remembers them until told otherwise. */
export class ProjectDirectory {
  readonly #database: Database
  readonly #makeTokenKey: ((projectId: string) => Buffer) | null
  readonly #records: Cache<ProjectRecord | null>
  readonly #hosts: Cache<string | null>

  constructor(database: Database, options: ProjectDirectoryOptions = {}) {
    this.#database = database
    this.#makeTokenKey = options.makeTokenKey ?? null
    const maxRecords = options.maxRecords ?? 10_000
    const maxAgeMs = options.maxAgeMs ?? 30_000
    const monotonicMs = options.monotonicMs ?? (() => performance.now())
    const heardAt = options.heardAt ?? (() => -Infinity)
    this.#records = new Cache(maxRecords, maxAgeMs, monotonicMs, heardAt)
    this.#hosts = new Cache(maxRecords, maxAgeMs, monotonicMs, heardAt)
  }

  /** The project with this UUID, or `null`. Archived projects are answered; callers decide. */
  resolve(projectId: string): Promise<ProjectRecord | null> {
    return this.#records.get(projectId, () => this.#read(projectId))
  }

  /** Like `resolve`, without waiting; `null` also for a project that is not in memory. */
  known(projectId: string): ProjectRecord | null {
    return this.#records.peek(projectId) ?? null
  }

  /** Like `resolve`, by a read that begins after this call: what was changed before it is seen. */
  resolveFresh(projectId: string): Promise<ProjectRecord | null> {
    return this.#records.renew(projectId, () => this.#read(projectId))
  }

  /** The project that holds a verified custom domain, or `null`. */
  async resolveHost(hostname: string): Promise<ProjectRecord | null> {
    const projectId = await this.#hosts.get(hostname, async () => {
      const rows = await this.#database.run<{ project_id: string | null }>({
        name: 'resolve_host',
        text: 'select auth.resolve_host($1) as project_id',
        values: [hostname],
      })
      return rows[0]?.project_id ?? null
    })
    return projectId === null ? null : this.resolve(projectId)
  }

  /** A change to one project was announced. */
  invalidate(projectId: string): void {
    this.#records.drop(projectId)
    // Host names change rarely and have no entry by project.
    this.#hosts.clear()
  }

  /** Announcements may have been missed. */
  invalidateAll(): void {
    this.#records.clear()
    this.#hosts.clear()
  }

  get size(): number {
    return this.#records.size
  }

  async #read(projectId: string): Promise<ProjectRecord | null> {
    const rows = await this.#database.run<ResolvedRow>({
      name: 'resolve_project',
      text: `select project_id, tenant_id, name, resource_type, external_project_id, archived, enabled, first_enabled_at, settings, env_version,
        created_at, updated_at, keys, token_key_sealed from auth.resolve_project($1)`,
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
}
