import type { CheckedToken } from '@portico/end-user/steps/recent-tokens'

// On the token itself: a WeakMap with an entry for every token is work for the garbage collector.
const TEXT = Symbol('answer of /verify')

interface Answered {
  [TEXT]?: string
}

/**
 * The answer of `/verify` as JSON, the same for as long as the token is good: written once for one that keeps coming.
 *
 * The claims also stand at the top level: published clients read them there. No claim of ours has the name of a field beside them, and
 * ids and tokens need no escaping, so one text of the claims serves twice.
 */
export function verifiedTokenText(checked: CheckedToken): string {
  return ((checked as Answered)[TEXT] ??= write(checked))
}

function write({ claims, userId, token }: CheckedToken): string {
  const text = JSON.stringify(claims)
  return `${text.slice(0, -1)},"valid":true,"claims":${text},"user_id":"${userId}","token":"${token}"}`
}
