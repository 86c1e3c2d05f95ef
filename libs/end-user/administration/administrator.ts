import type { AuditEvent } from '@portico/database/audit'

/** Who administers, as audit rows keep it: the holder of an API key. */
export type Administrator = Pick<AuditEvent, 'actor' | 'ip' | 'userAgent'>
