import type { ProjectRecord } from '@portico/database/project-directory'
import { ScimProblem } from '@portico/scim/scim-problem'
import type { Caller } from '../caller.js'
import type { Directory } from '../records/directory.js'

/** A request of an identity provider: the token says which directory. */
export interface DirectoryCall {
  project: ProjectRecord
  directory: Directory
  caller: Caller
}

/** As audit rows keep it: nobody of ours did it. */
export function byDirectory({ caller }: DirectoryCall) {
  return { actor: { type: 'system', id: null }, ip: caller.ip, userAgent: caller.userAgent } as const
}

export const nobody = () => new ScimProblem(404, null, 'There is no such resource in this directory.')
export const taken = (what: string) => new ScimProblem(409, 'uniqueness', `${what} is taken.`)

const UNIQUE_VIOLATION = '23505'

/** For `catch`: two requests raced for one name or address, and the index decided. */
export function refuseTaken(error: unknown, what: string): never {
  if (error instanceof Error && 'code' in error && error.code === UNIQUE_VIOLATION) throw taken(what)
  throw error
}
