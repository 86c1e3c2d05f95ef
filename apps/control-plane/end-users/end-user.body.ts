import { BULK_ACTIONS, type BulkAction } from '@portico/end-user/administration/act-on-end-users'
import { Convert, toInteger } from '@portico/http/validated'
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateIf,
} from 'class-validator'
import { EXPORT_FORMATS, type ExportFormat } from './export-format.js'

const SORTS = ['created_at', '-created_at', 'email', '-email', 'last_sign_in_at', '-last_sign_in_at']
const UUID = /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/

/** What people are found by: all that is given must hold. */
export class EndUserSearchQuery {
  @IsOptional() @IsString() @MaxLength(254) q?: string
  @IsOptional() @IsString() @MaxLength(254) search?: string
  @IsOptional() @IsString() @MaxLength(100) id?: string
  @IsOptional() @IsString() @MaxLength(254) email?: string
  @IsOptional() @IsString() @MaxLength(254) domain?: string
  @IsOptional() @IsString() @MaxLength(100) provider?: string
  @IsOptional() @IsString() @MaxLength(100) state?: string
  @IsOptional() @IsISO8601({ strict: true, strictSeparator: true }) createdSince?: string
  @IsOptional() @IsISO8601({ strict: true, strictSeparator: true }) createdUntil?: string
  @IsOptional() @IsISO8601({ strict: true, strictSeparator: true }) lastSignInSince?: string
  @IsOptional() @IsISO8601({ strict: true, strictSeparator: true }) lastSignInUntil?: string
}

export class ListEndUsersQuery extends EndUserSearchQuery {
  @IsOptional() @IsIn(SORTS) sort?: string
  @IsOptional() @Convert(toInteger) @IsInt() @Min(1) @Max(100) limit?: number
  // An address of 254 characters, in the base64 of JSON.
  @IsOptional() @IsString() @MaxLength(2_000) cursor?: string
  @IsOptional() @Convert(toInteger) @IsInt() @Min(1) @Max(10_000) page?: number
  @IsOptional() @Convert(toInteger) @IsInt() @Min(1) @Max(100) pageSize?: number
}

export class ExportEndUsersQuery extends EndUserSearchQuery {
  @IsOptional() @IsIn(EXPORT_FORMATS) format?: ExportFormat
}

export class BulkEndUsersBody {
  @IsIn(BULK_ACTIONS) action!: BulkAction
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @IsString({ each: true })
  @Matches(UUID, { each: true, message: 'must be ids of users' })
  ids!: string[]
}

export class CreateEndUserBody {
  @IsString() @MaxLength(1_000) email!: string
  @ValidateIf((body: CreateEndUserBody) => body.password !== undefined) @IsString() @MaxLength(4_096) password?: string
  @ValidateIf((body: CreateEndUserBody) => body.emailVerified !== undefined) @IsBoolean() emailVerified?: boolean
  @ValidateIf((body: CreateEndUserBody) => body.metadata !== undefined) @IsObject() metadata?: Record<string, unknown>
  @ValidateIf((body: CreateEndUserBody) => body.appMetadata !== undefined) @IsObject() appMetadata?: Record<string, unknown>
}

export class ChangeEndUserBody {
  @ValidateIf((body: ChangeEndUserBody) => body.email !== undefined) @IsString() @MaxLength(1_000) email?: string
  @ValidateIf((body: ChangeEndUserBody) => body.password !== undefined) @IsString() @MaxLength(4_096) password?: string
  @ValidateIf((body: ChangeEndUserBody) => body.emailVerified !== undefined) @IsBoolean() emailVerified?: boolean
  @ValidateIf((body: ChangeEndUserBody) => body.metadata !== undefined) @IsObject() metadata?: Record<string, unknown>
  @ValidateIf((body: ChangeEndUserBody) => body.appMetadata !== undefined) @IsObject() appMetadata?: Record<string, unknown>
  @ValidateIf((body: ChangeEndUserBody) => body.disabled !== undefined) @IsBoolean() disabled?: boolean
}

export class EvictBody {
  /** Whether the owner is mailed the way back; true when absent. */
  @ValidateIf((body: EvictBody) => body.recovery !== undefined) @IsBoolean() recovery?: boolean
}
