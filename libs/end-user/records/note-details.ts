/**
 * A part of every statement that gives a user an identity, a factor or a passkey. Most never have one, and looking into three tables to
 * find that out cost more than the rest of GET /user: so the user's row says whether it is worth it. It only ever turns on.
 */
export function noteDetails(user: string): string {
  return `noted as (update auth.end_user set has_details = true
        where project_id = auth.current_project_id() and id = ${user} and not has_details)`
}
