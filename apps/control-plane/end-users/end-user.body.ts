import { IsBoolean, IsObject, IsOptional, IsString, MaxLength, ValidateIf } from 'class-validator'
import { PageQuery } from '../http/page.body.js'

export class ListEndUsersQuery extends PageQuery {
  @IsOptional() @IsString() @MaxLength(254) q?: string
  @IsOptional() @IsString() @MaxLength(254) search?: string
}

export class CreateEndUserBody {
  @IsString() @MaxLength(1_000) email!: string
  @ValidateIf((body: CreateEndUserBody) => body.password !== undefined) @IsString() @MaxLength(4_096) password?: string
  @ValidateIf((body: CreateEndUserBody) => body.emailVerified !== undefined) @IsBoolean() emailVerified?: boolean
  @ValidateIf((body: CreateEndUserBody) => body.metadata !== undefined) @IsObject() metadata?: Record<string, unknown>
}

export class ChangeEndUserBody {
  @ValidateIf((body: ChangeEndUserBody) => body.email !== undefined) @IsString() @MaxLength(1_000) email?: string
  @ValidateIf((body: ChangeEndUserBody) => body.password !== undefined) @IsString() @MaxLength(4_096) password?: string
  @ValidateIf((body: ChangeEndUserBody) => body.emailVerified !== undefined) @IsBoolean() emailVerified?: boolean
  @ValidateIf((body: ChangeEndUserBody) => body.metadata !== undefined) @IsObject() metadata?: Record<string, unknown>
  @ValidateIf((body: ChangeEndUserBody) => body.disabled !== undefined) @IsBoolean() disabled?: boolean
}

export class EvictBody {
  /** Whether the owner is mailed the way back; true when absent. */
  @ValidateIf((body: EvictBody) => body.recovery !== undefined) @IsBoolean() recovery?: boolean
}
