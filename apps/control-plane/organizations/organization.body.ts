import type { OrganizationSort } from '@portico/end-user/records/organization.store'
import { IsName } from '@portico/http/is-name'
import { Convert, Nullable, trimmed } from '@portico/http/validated'
import { IsArray, IsIn, IsObject, IsOptional, IsString, MaxLength, MinLength, ValidateIf } from 'class-validator'
import { PageQuery } from '../http/page.body.js'

export class ListOrganizationsQuery extends PageQuery {
  @IsOptional() @IsString() @MaxLength(200) q?: string
  @IsOptional() @IsString() @MaxLength(200) search?: string
  @IsOptional() @IsIn(['created_at', '-created_at', 'name', '-name']) sort?: string
}

/** Newest first when nothing is asked for. */
export function organizationSort(sort = '-created_at'): OrganizationSort {
  return { by: sort.endsWith('name') ? 'name' : 'createdAt', descending: sort.startsWith('-') }
}

export class CreateOrganizationBody {
  @Convert(trimmed) @IsString() @MinLength(1) @IsName(200) name!: string
  @IsOptional() @IsString() @MaxLength(63) slug?: string
  @IsOptional() @IsString() @MaxLength(1_000) logoUrl?: string
  @IsOptional() @IsObject() metadata?: Record<string, unknown>
  /** The user who becomes its first admin. */
  @IsOptional() @IsString() @MaxLength(64) adminId?: string
}

export class ChangeOrganizationBody {
  @ValidateIf((body: ChangeOrganizationBody) => body.name !== undefined)
  @Convert(trimmed)
  @IsString()
  @MinLength(1)
  @IsName(200)
  name?: string
  @ValidateIf((body: ChangeOrganizationBody) => body.slug !== undefined) @IsString() @MaxLength(63) slug?: string
  @IsOptional() @Nullable() @IsString() @MaxLength(1_000) logoUrl?: string | null
  @ValidateIf((body: ChangeOrganizationBody) => body.metadata !== undefined) @IsObject() metadata?: Record<string, unknown>
}

export class AddMemberBody {
  @IsString() @MaxLength(64) userId!: string
  /** `member` when absent. */
  @IsOptional() @IsString() @MaxLength(32) role?: string
}

export class MemberRoleBody {
  @IsString() @MaxLength(32) role!: string
}

export class InviteToOrganizationBody {
  @IsString() @MaxLength(1_000) email!: string
  /** `member` when absent. */
  @IsOptional() @IsString() @MaxLength(32) role?: string
  @IsOptional() @IsString() @MaxLength(2_048) redirectTo?: string
}

export class TransferOrganizationBody {
  @IsString() @MaxLength(64) userId!: string
}

export class RolesQuery {
  /** The roles that count in this organization; absent: those of the project. */
  @IsOptional() @IsString() @MaxLength(64) organizationId?: string
}

export class SetRoleBody {
  @Convert(trimmed) @IsString() @MinLength(1) @IsName(100) name!: string
  @IsArray() @IsString({ each: true }) permissions!: string[]
}
