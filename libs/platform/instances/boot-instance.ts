import type { SealedBox } from '@portico/crypto/sealed-box'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { issuerUrl } from '@portico/kernel/auth-url'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { doneBy } from '../audit-actor.js'
import type { AdvanceRotation } from '../auth-service/advance-rotation.js'
import type { Caller } from '../caller.js'
import { readMetadata } from '../metadata.js'
import { buildEnvironment } from '../runtime-env/environment.js'
import { HEARTBEAT_SECONDS } from '../records/heartbeat.js'
import { bootInstance } from '../records/instance.store.js'

export interface BootInput {
  name?: string | null | undefined
  metadata?: Record<string, unknown> | undefined
  reads?: readonly string[] | undefined
}

export interface BootedInstance {
  id: string
  projectId: string
  name: string | null
  reads: readonly string[] | null
  /** Holds secrets. */
  env: Record<string, string>
  envVersion: number
  bootedAt: Date
  heartbeatSeconds: number
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

  async execute(scope: ProjectScope, input: BootInput, caller: Caller): Promise<BootedInstance> {
    const now = this.clock.now()
    const { projectId } = scope
    const instance = {
      id: this.entropy.uuid(),
      name: input.name ?? null,
      metadata: readMetadata(input.metadata) ?? {},
      reads: input.reads ?? null,
    }
    const boot = await bootInstance(this.db, scope, instance, doneBy(caller), now)
    if (!boot) throw new AuthError('not_found')
    const { envVersion, issuerHost, ...source } = boot
    const authUrl = issuerUrl(this.dataPlanePublicUrl, projectId, issuerHost)
    const env = buildEnvironment(this.box, { ...source, projectId, authUrl }, now)
    if (boot.rotation) await this.advance.execute(scope)
    const { id, name, reads } = instance
    return { id, projectId, name, reads, env, envVersion, bootedAt: now, heartbeatSeconds: HEARTBEAT_SECONDS }
  }
}
