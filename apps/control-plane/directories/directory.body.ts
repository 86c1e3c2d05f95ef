import { IsName } from '@portico/http/is-name'
import { Convert, Nested, NestedEach, Nullable, toBoolean, trimmed } from '@portico/http/validated'
import { CUSTOM_TYPES } from '@portico/scim/custom-schema'
import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsISO8601, IsOptional, IsString, MaxLength, MinLength, ValidateIf } from 'class-validator'
import { PageQuery } from '../http/page.body.js'

class GroupRoleBody {
  /** The name of a group of the directory, in any case. */
  @Convert(trimmed) @IsString() @MinLength(1) @MaxLength(200) group!: string
  @IsString() @MaxLength(32) role!: string
}

class CustomAttributeBody {
  @IsString() @MaxLength(64) name!: string
  /** `string` when absent. */
  @IsOptional() @IsIn(CUSTOM_TYPES) type?: (typeof CUSTOM_TYPES)[number]
  @IsOptional() @IsBoolean() multiValued?: boolean
}

class CustomSchemaBody {
  /** A URN of one's own. */
  @IsString() @MaxLength(240) id!: string
  @Convert(trimmed) @IsString() @MinLength(1) @IsName(100) name!: string
  @IsArray() @ArrayMaxSize(50) @NestedEach(() => CustomAttributeBody) attributes!: CustomAttributeBody[]
}

export class DirectoriesQuery {
  /** Only those of this organization. */
  @IsOptional() @IsString() @MaxLength(64) organizationId?: string
}

export class CreateDirectoryBody {
  @Convert(trimmed) @IsString() @MinLength(1) @IsName(100) name!: string
  /** Whose people these are; absent: of the project itself, and groups give no roles. */
  @IsOptional() @IsString() @MaxLength(64) organizationId?: string
  /** The first one whose group somebody is in gives their role. */
  @IsOptional() @IsArray() @ArrayMaxSize(100) @NestedEach(() => GroupRoleBody) groupRoles?: GroupRoleBody[]
  /** Of people in none of these groups; `null`: they do not belong to the organization. `member` when absent. */
  @IsOptional() @Nullable() @IsString() @MaxLength(32) fallbackRole?: string | null
  /** Attributes of users beside those of RFC 7643. */
  @IsOptional() @Nullable() @Nested(() => CustomSchemaBody) customSchema?: CustomSchemaBody | null
}

export class ChangeDirectoryBody {
  @ValidateIf((body: ChangeDirectoryBody) => body.name !== undefined)
  @Convert(trimmed)
  @IsString()
  @MinLength(1)
  @IsName(100)
  name?: string
  @IsOptional() @IsArray() @ArrayMaxSize(100) @NestedEach(() => GroupRoleBody) groupRoles?: GroupRoleBody[]
  @IsOptional() @Nullable() @IsString() @MaxLength(32) fallbackRole?: string | null
  @IsOptional() @Nullable() @Nested(() => CustomSchemaBody) customSchema?: CustomSchemaBody | null
}

export class CreateDirectoryTokenBody {
  /** No end when absent. */
  @IsOptional() @IsISO8601({ strict: true, strictSeparator: true }) expiresAt?: string
}

export class DirectoryLogQuery extends PageQuery {
  /** `true`: only what was refused. */
  @IsOptional() @Convert(toBoolean) @IsBoolean() refused?: boolean
}
