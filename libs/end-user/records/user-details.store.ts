import type { ProjectTx } from '@portico/database/project-db'

/**
 * A part of whatever gives a user an identity, a factor or a passkey. Most never have one, and looking into three tables to find that out
 * cost more than the rest of GET /user: so the user's row says whether it is worth it. It only ever turns on.
 */
export async function noteDetails(tx: ProjectTx, userId: string): Promise<void> {
  await tx.query({
    name: 'end_user_note_details',
    text: `update auth.end_user set has_details = true
      where project_id = auth.current_project_id() and id = $1 and not has_details`,
    values: [userId],
  })
}
