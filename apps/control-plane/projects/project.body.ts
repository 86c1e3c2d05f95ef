import { IsName } from '@portico/http/is-name'
import { Convert, Nullable, toBoolean, trimmed } from '@portico/http/validated'
import type { ProjectSort } from '@portico/platform/records/project.store'
import { IsBoolean, IsIn, IsObject, IsOptional, IsString, MaxLength, MinLength, ValidateIf } from 'class-validator'
import { PageQuery } from '../http/page.body.js'

export class CreateProjectBody {
  @Convert(trimmed) @IsString() @MinLength(1) @IsName(200) name!: string
  @ValidateIf((body: CreateProjectBody) => body.slug !== undefined) @IsString() @MaxLength(63) slug?: string
  @IsOptional() @Nullable() @IsString() @MinLength(1) @IsName(255) externalProjectId?: string | null
  @ValidateIf((body: CreateProjectBody) => body.resourceType !== undefined) @IsIn(['project', 'sandbox', 'deployment'])
  resourceType?: 'project' | 'sandbox' | 'deployment'
  @ValidateIf((body: CreateProjectBody) => body.metadata !== undefined) @IsObject() metadata?: Record<string, unknown>
}

export class ChangeProjectBody {
  @ValidateIf((body: ChangeProjectBody) => body.name !== undefined) @Convert(trimmed) @IsString() @MinLength(1) @IsName(200) name?: string
  @ValidateIf((body: ChangeProjectBody) => body.slug !== undefined) @IsString() @MaxLength(63) slug?: string
  @IsOptional() @Nullable() @IsString() @MinLength(1) @IsName(255) externalProjectId?: string | null
  @ValidateIf((body: ChangeProjectBody) => body.metadata !== undefined) @IsObject() metadata?: Record<string, unknown>
}

export class ListProjectsQuery extends PageQuery {
  @IsOptional() @Convert(toBoolean) @IsBoolean() archived?: boolean
  @IsOptional() @IsString() @MaxLength(255) externalProjectId?: string
  @IsOptional() @IsString() @MaxLength(200) q?: string
  @IsOptional() @IsString() @MaxLength(200) search?: string
  @IsOptional() @IsIn(['created_at', '-created_at', 'name', '-name']) sort?: string
}

/** Newest first when nothing is asked for. */
export function projectSort(sort = '-created_at'): ProjectSort {
  return { by: sort.endsWith('name') ? 'name' : 'createdAt', descending: sort.startsWith('-') }
}
