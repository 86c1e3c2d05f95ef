import { IsOptional, IsString, Matches, MaxLength } from 'class-validator'

export class TokenBody {
  @IsString() @MaxLength(256) token!: string
}

/** The mailed token, with the password where the project wants it; or the address and the mailed code. */
export class ConfirmEmailBody {
  @IsOptional() @IsString() @MaxLength(256) token?: string
  @IsOptional() @IsString() password?: string
  @IsOptional() @IsString() email?: string
  @IsOptional() @IsString() @Matches(/^\d{6}$/) code?: string
}

export class ChangeEmailBody {
  @IsString() email!: string
  @IsOptional() @IsString() password?: string
}
