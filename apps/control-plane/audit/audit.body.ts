import type { AuditFilter } from '@portico/platform/records/audit.store'
import { IsISO8601, IsOptional, IsString, MaxLength } from 'class-validator'
import { PageQuery } from '../http/page.body.js'

export class AuditQuery extends PageQuery {
  @IsOptional() @IsString() @MaxLength(100) actorId?: string
  @IsOptional() @IsString() @MaxLength(100) action?: string
  @IsOptional() @IsISO8601({ strict: true, strictSeparator: true }) since?: string
  @IsOptional() @IsISO8601({ strict: true, strictSeparator: true }) until?: string
}

export function auditFilter(query: AuditQuery): AuditFilter {
  return {
    actorId: query.actorId ?? null,
    action: query.action ?? null,
    since: query.since === undefined ? null : new Date(query.since),
    until: query.until === undefined ? null : new Date(query.until),
  }
}
