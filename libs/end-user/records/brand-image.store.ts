import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'

export interface BrandImage {
  type: string
  bytes: Buffer
}

export async function findBrandImage(db: ProjectDb, scope: ProjectScope, name: string): Promise<BrandImage | null> {
  const [row] = await db.read<BrandImage>(scope, {
    name: 'brand_image',
    text: 'select type, bytes from auth.brand_image where project_id = auth.current_project_id() and name = $1',
    values: [name],
  })
  return row ?? null
}
