import { IsOptional, IsString, MaxLength } from 'class-validator'

// As typed: spaces, dashes and the like are left out where it is read.
const CODE_LENGTH = 64

export class TokenBody {
  @IsString() @MaxLength(256) token!: string
}

/** The mailed token, or the address and the mailed code; beside it what shows the account to be the caller's. */
export class ConfirmEmailBody {
  @IsOptional() @IsString() @MaxLength(256) token?: string
  @IsOptional() @IsString() password?: string
  @IsOptional() @IsString() email?: string
  @IsOptional() @IsString() @MaxLength(CODE_LENGTH) code?: string
  @IsOptional() @IsString() @MaxLength(CODE_LENGTH) factorCode?: string
  @IsOptional() @IsString() @MaxLength(128) codeVerifier?: string
}

export class ChangeEmailBody {
  @IsString() email!: string
  @IsOptional() @IsString() password?: string
}
