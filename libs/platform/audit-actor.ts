import type { AuditEvent } from '@portico/database/audit'
import { formatId } from '@portico/kernel/ids'
import type { Caller } from './caller.js'

/** The part of an audit row that says who did it and from where. */
export function doneBy(caller: Caller): Pick<AuditEvent, 'actor' | 'ip' | 'userAgent'> {
  return { actor: { type: 'api_key', id: formatId('key', caller.keyId) }, ip: caller.ip, userAgent: caller.userAgent }
}

/** For what happens by itself, such as the switch of a staged rotation at its deadline. */
export const DONE_BY_SYSTEM: Pick<AuditEvent, 'actor'> = { actor: { type: 'system', id: null } }
