import { IsOptional, IsString, MaxLength } from 'class-validator'

export class MembersQuery {
  /** The organization; absent: the one that the person belongs to first. */
  @IsOptional() @IsString() @MaxLength(64) id?: string
  @IsOptional() @IsString() @MaxLength(35) locale?: string
  @IsOptional() @IsString() @MaxLength(200) cursor?: string
  @IsOptional() @IsString() @MaxLength(32) done?: string
}

/** Every button of the page: `intent` says which. */
export class MembersForm {
  @IsOptional() @IsString() @MaxLength(64) formToken?: string
  @IsOptional() @IsString() @MaxLength(32) intent?: string
  @IsOptional() @IsString() @MaxLength(64) userId?: string
  @IsOptional() @IsString() @MaxLength(64) invitationId?: string
  @IsOptional() @IsString() @MaxLength(32) role?: string
  @IsOptional() @IsString() @MaxLength(1_000) email?: string
  @IsOptional() @IsString() @MaxLength(64) connectionId?: string
  @IsOptional() @IsString() @MaxLength(64) linkId?: string
}
