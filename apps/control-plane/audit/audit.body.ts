import type { AuditFilter } from '@portico/platform/records/audit.store'
import { IsISO8601, IsOptional, IsString, MaxLength } from 'class-validator'
import { readInstant } from '../http/instant.js'
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
    since: readInstant('since', query.since) ?? null,
    until: readInstant('until', query.until) ?? null,
  }
}
