import type { ProjectRecord } from '@portico/database/project-directory'
import type { Clock } from '@portico/kernel/clock'
import type { ProjectKeys } from './project-keys.js'

/** The public keys of a project, for a verifier of its tokens (RFC 7517). */
export class ReadKeySet {
  constructor(
    private readonly keys: ProjectKeys,
    private readonly clock: Clock,
  ) {}

  execute(project: ProjectRecord) {
    return this.keys.ring(project).publicJwks(this.clock.now())
  }
}
