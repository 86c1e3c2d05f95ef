import { ScimProblem } from './scim-problem.js'

/** Weak: the same resource may be written in more than one way (RFC 7644, 3.14). */
export const etagOf = (version: number): string => `W/"${version}"`

/** Whether a header of tags names this one; weak and strong are compared alike, since all of ours are weak. */
export function namesEtag(header: string, etag: string): boolean {
  const bare = (tag: string) => tag.trim().replace(/^W\//, '')
  return header.trim() === '*' || header.split(',').some((tag) => bare(tag) === bare(etag))
}

/** Throws 412 when the client changes another version than the one that it saw. */
export function checkPrecondition(ifMatch: string | null, version: number): void {
  if (ifMatch !== null && !namesEtag(ifMatch, etagOf(version))) throw new ScimProblem(412, null, 'The resource has changed since.')
}
