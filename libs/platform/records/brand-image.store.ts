import type { ProjectTx } from '@portico/database/project-db'

export interface BrandImageRow {
  /** What its address ends with; says what it holds. */
  name: string
  type: string
  bytes: Buffer
  now: Date
}

/** Mails that were sent show the picture of their time, so earlier ones stay; not without end. */
const MOST_KEPT = 20

export async function saveBrandImage(tx: ProjectTx, { name, type, bytes, now }: BrandImageRow): Promise<void> {
  await tx.query({
    name: 'brand_image_save',
    text: `insert into auth.brand_image (project_id, name, type, bytes, created_at)
      values (auth.current_project_id(), $1, $2, $3, $4) on conflict (project_id, name) do update set created_at = excluded.created_at`,
    values: [name, type, bytes, now],
  })
  await tx.query({
    name: 'brand_image_trim',
    text: `delete from auth.brand_image b using auth.service s
      where b.project_id = auth.current_project_id() and s.project_id = auth.current_project_id()
        and b.name not in (select name from auth.brand_image where project_id = auth.current_project_id() order by created_at desc limit $1)
        and b.name is distinct from s.settings->'branding'->>'logo' and b.name is distinct from s.settings->'branding'->>'icon'`,
    values: [MOST_KEPT],
  })
}

/** Names it in the project's settings, beside whatever else is there. Whether auth was ever enabled. */
export async function nameBrandImage(tx: ProjectTx, { kind, name, now }: { kind: string; name: string; now: Date }): Promise<boolean> {
  const rows = await tx.query({
    name: 'brand_image_name',
    text: `update auth.service set settings = jsonb_set(settings, '{branding}',
        coalesce(settings->'branding', '{}'::jsonb) || jsonb_build_object($1::text, $2::text)), updated_at = $3
      where project_id = auth.current_project_id() and first_enabled_at is not null returning project_id`,
    values: [kind, name, now],
  })
  return rows.length > 0
}

/** Whether there was one. */
export async function unnameBrandImage(tx: ProjectTx, kind: string, now: Date): Promise<boolean> {
  const rows = await tx.query({
    name: 'brand_image_unname',
    text: `update auth.service set settings = settings #- array['branding', $1::text], updated_at = $2
      where project_id = auth.current_project_id() and settings->'branding' ? $1 returning project_id`,
    values: [kind, now],
  })
  return rows.length > 0
}
