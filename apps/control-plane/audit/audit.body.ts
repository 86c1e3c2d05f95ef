import type { AuditFilter, ProjectAuditFilter } from '@portico/platform/records/audit.store'
import { IsISO8601, IsOptional, IsString, Matches, MaxLength } from 'class-validator'
import { readInstant } from '../http/instant.js'
import { PageQuery } from '../http/page.body.js'

const UUID = /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/

export class AuditQuery extends PageQuery {
  @IsOptional() @IsString() @MaxLength(100) actorId?: string
  @IsOptional() @IsString() @MaxLength(100) action?: string
  @IsOptional() @IsISO8601({ strict: true, strictSeparator: true }) since?: string
  @IsOptional() @IsISO8601({ strict: true, strictSeparator: true }) until?: string
}

export class ProjectAuditQuery extends AuditQuery {
  @IsOptional() @Matches(UUID, { message: 'must be the id of a user' }) userId?: string
}

export function auditFilter(query: AuditQuery): AuditFilter {
  return {
    actorId: query.actorId ?? null,
    action: query.action ?? null,
    since: readInstant('since', query.since) ?? null,
    until: readInstant('until', query.until) ?? null,
  }
}

export function projectAuditFilter({ userId, ...query }: ProjectAuditQuery): ProjectAuditFilter {
  return { ...auditFilter(query), userId: userId?.toLowerCase() ?? null }
}
