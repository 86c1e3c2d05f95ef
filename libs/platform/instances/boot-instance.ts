import type { SealedBox } from '@portico/crypto/sealed-box'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { authUrl } from '@portico/kernel/auth-url'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { formatId } from '@portico/kernel/ids'
import { doneBy } from '../audit-actor.js'
import type { AdvanceRotation } from '../auth-service/advance-rotation.js'
import type { Caller } from '../caller.js'
import { readMetadata } from '../metadata.js'
import { buildEnvironment, type EnvKey } from '../runtime-env/environment.js'
import { HEARTBEAT_SECONDS } from '../records/heartbeat.js'

interface BootRow {
  env_version: number
  enabled: boolean
  keys: { kid: string; alg: EnvKey['alg']; state: EnvKey['state']; sealed: string; retired_at: string | null; verify_until: string | null }[]
  variables: { name: string; sealed: string }[]
  rotation_from: string | null
  rotation_to: string | null
  rotation_standby: string | null
}

/** Registers a runtime instance and answers its environment, in one trip to the database. Running instances are not touched. */
export class BootInstance {
  constructor(
    private readonly db: ProjectDb,
    private readonly box: SealedBox,
    private readonly advance: AdvanceRotation,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
    private readonly dataPlanePublicUrl: string,
  ) {}

  async execute(scope: ProjectScope, input: { name?: string | null | undefined; metadata?: Record<string, unknown> | undefined; reads?: readonly string[] | undefined }, caller: Caller) {
    const metadata = readMetadata(input.metadata) ?? {}
    const now = this.clock.now()
    const id = this.entropy.uuid()
    const { actor, ip, userAgent } = doneBy(caller)
    const by = { ...actor, ip, user_agent: userAgent, instance: formatId('inst', id) }
    const [row] = await this.db.call<BootRow>(scope, {
      name: 'boot_instance',
      text: `select env_version, enabled, keys, variables, rotation_from, rotation_to, rotation_standby
        from auth.boot_instance($1, $2, $3, $4, $5, $6, $7)`,
      values: [id, input.name ?? null, JSON.stringify(metadata), now, input.reads ?? null, JSON.stringify(by)],
    })
    if (!row) throw new AuthError('not_found')
    const env = buildEnvironment(this.box, this.#source(scope, row), now)
    if (row.rotation_to !== null) await this.advance.execute(scope)
    return {
      id: formatId('inst', id),
      project_id: formatId('proj', scope.projectId),
      name: input.name ?? null,
      reads: input.reads ?? null,
      env,
      env_version: row.env_version,
      booted_at: now.toISOString(),
      heartbeat_seconds: HEARTBEAT_SECONDS,
    }
  }

  #source(scope: ProjectScope, row: BootRow) {
    const instant = (text: string | null) => (text === null ? null : new Date(text))
    const { rotation_from: fromKid, rotation_to: toKid, rotation_standby: newStandbyKid } = row
    return {
      projectId: scope.projectId,
      authUrl: authUrl(this.dataPlanePublicUrl, scope.projectId),
      enabled: row.enabled,
      keys: row.keys.map((key) => ({
        kid: key.kid,
        alg: key.alg,
        state: key.state,
        sealed: Buffer.from(key.sealed, 'base64'),
        retiredAt: instant(key.retired_at),
        verifyUntil: instant(key.verify_until),
      })),
      rotation: fromKid !== null && toKid !== null && newStandbyKid !== null ? { fromKid, toKid, newStandbyKid } : null,
      variables: row.variables.map(({ name, sealed }) => ({ name, sealed: Buffer.from(sealed, 'base64') })),
    }
  }
}
