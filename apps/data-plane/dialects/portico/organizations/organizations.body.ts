import { IsName } from '@portico/http/is-name'
import { Convert, Nullable, toInteger, trimmed } from '@portico/http/validated'
import { IsArray, IsInt, IsObject, IsOptional, IsString, Max, MaxLength, Min, MinLength, ValidateIf } from 'class-validator'

export class CreateOrganizationBody {
  @Convert(trimmed) @IsString() @MinLength(1) @IsName(200) name!: string
  @IsOptional() @IsString() @MaxLength(63) slug?: string
  @IsOptional() @IsString() @MaxLength(1_000) logoUrl?: string
  @IsOptional() @IsObject() metadata?: Record<string, unknown>
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

export class MemberRoleBody {
  @IsString() @MaxLength(32) role!: string
}

export class InviteMemberBody {
  @IsString() @MaxLength(1_000) email!: string
  /** `member` when absent. */
  @IsOptional() @IsString() @MaxLength(32) role?: string
  @IsOptional() @IsString() @MaxLength(2_048) redirectTo?: string
}

export class OrganizationRoleBody {
  @IsString() @MaxLength(32) key!: string
  @Convert(trimmed) @IsString() @MinLength(1) @IsName(100) name!: string
  @IsArray() @IsString({ each: true }) permissions!: string[]
}

export class ListMembersQuery {
  @IsOptional() @Convert(toInteger) @IsInt() @Min(1) @Max(100) limit?: number
  @IsOptional() @IsString() @MaxLength(200) cursor?: string
}
