import { contentDigest } from '@portico/crypto/content-digest'
import { recordAudit } from '@portico/database/audit'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { brandImageName, type BrandImageName } from '@portico/kernel/settings/branding'
import { doneBy } from '../audit-actor.js'
import type { Caller } from '../caller.js'
import { nameBrandImage, saveBrandImage, unnameBrandImage } from '../records/brand-image.store.js'
import { IMAGE_PROBLEMS, readImage, type ImageKind } from './read-image.js'

export interface SavedBrandImage {
  name: BrandImageName
  width: number
  height: number
}

/** The logo and the icon of a project's pages and mails. */
export class BrandImages {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
  ) {}

  /** Throws `validation_error` for whatever is no picture of ours to serve, and `auth_not_enabled`. */
  async set(scope: ProjectScope, caller: Caller, kind: ImageKind, base64: string): Promise<SavedBrandImage> {
    const image = readImage(kind, Buffer.from(base64, 'base64'))
    if (typeof image === 'string') {
      throw new AuthError('validation_error', { details: [{ field: 'data', code: image, message: IMAGE_PROBLEMS[image] }] })
    }
    const { width, height, type, bytes } = image
    // Content-addressed: the address says what it holds, so it may be cached for ever.
    const name = brandImageName({ digest: contentDigest(bytes), width, height, type })
    const now = this.clock.now()
    await this.db.transaction(scope, async (tx) => {
      await saveBrandImage(tx, { name, type, bytes, now })
      if (!(await nameBrandImage(tx, { kind, name, now }))) throw new AuthError('auth_not_enabled')
      await this.#audit(tx, scope, caller, now)
      tx.projectChanged(now)
    })
    return { name, width, height }
  }

  /** Throws `not_found` where there is none. */
  async remove(scope: ProjectScope, caller: Caller, kind: ImageKind): Promise<void> {
    const now = this.clock.now()
    await this.db.transaction(scope, async (tx) => {
      if (!(await unnameBrandImage(tx, kind, now))) throw new AuthError('not_found')
      await this.#audit(tx, scope, caller, now)
      tx.projectChanged(now)
    })
  }

  #audit(tx: ProjectTx, { projectId }: ProjectScope, caller: Caller, now: Date): Promise<void> {
    const change = { action: 'auth.settings_changed', resource: 'project', resourceId: projectId, metadata: { fields: ['branding'] } } as const
    return recordAudit(tx, { ...doneBy(caller), ...change }, now)
  }
}
