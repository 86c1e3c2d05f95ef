import type { Statement } from '@portico/postgres/statement'

const PROJECT = /\bauth\.current_project_id\(\)/g

/** Texts of the program, of which there are some hundreds; those put together from what is asked for have no name and are not kept. */
const placed = new Map<string, string>()

/**
 * The statement with its project as a value where it asks for the current one. On one machine that is the same; of several, a value leads
 * to the machine that holds the project, where a function's answer is looked for on all of them, and rows of all cannot be locked (Citus
 * issue 6712). Row security holds both against each other.
 */
export function placedIn(projectId: string, statement: Statement): Statement {
  const { name, text, values } = statement
  const kept = placed.get(text)
  const own = kept ?? text.replaceAll(PROJECT, `$${values.length + 1}::uuid`)
  if (kept === undefined && name !== '') placed.set(text, own)
  return own === text ? statement : { name, text: own, values: [...values, projectId] }
}
