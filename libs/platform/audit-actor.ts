import type { AuditEvent } from '@portico/database/audit'
import { formatId } from '@portico/kernel/ids'
import type { Actor, Caller } from './caller.js'

/** The part of an audit row that says who did it and from where. */
export function doneBy(caller: Caller): Pick<AuditEvent, 'actor' | 'ip' | 'userAgent'> {
  return { actor: { type: caller.actor.type, id: actorId(caller.actor) }, ip: caller.ip, userAgent: caller.userAgent }
}

/** As it is written: keys with their prefix, people by the id of their account. */
export function actorId(actor: Actor): string | null {
  return actor.type === 'api_key' ? formatId('key', actor.id) : actor.id
}

/** For what happens by itself, such as the switch of a staged rotation at its deadline. */
export const DONE_BY_SYSTEM: Pick<AuditEvent, 'actor'> = { actor: { type: 'system', id: null } }
