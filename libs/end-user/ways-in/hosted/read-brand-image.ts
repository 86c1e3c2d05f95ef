import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import { readBrandImageName } from '@portico/kernel/settings/branding'
import { findBrandImage, type BrandImage } from '../../records/brand-image.store.js'

/** A project's logo or icon, for its pages and mails. */
export class ReadBrandImage {
  constructor(private readonly db: ProjectDb) {}

  /** Throws `not_found`. A name that we never made costs no trip to the database. */
  async execute(project: ProjectRecord, name: string): Promise<BrandImage> {
    const image = readBrandImageName(name) === null ? null : await findBrandImage(this.db, project.scope, name)
    if (image === null) throw new AuthError('not_found')
    return image
  }
}
