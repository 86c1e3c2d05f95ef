import { IsOptional, IsString, MaxLength } from 'class-validator'

const URL_LENGTH = 2_048
const STATE_LENGTH = 1_024

// Our own sign-in page comes back with what the app asked it for.
const NESTED_URL_LENGTH = 3 * URL_LENGTH

export class StartOAuthQuery {
  @IsOptional() @IsString() @MaxLength(NESTED_URL_LENGTH) redirectTo?: string
  @IsOptional() @IsString() @MaxLength(128) codeChallenge?: string
  @IsOptional() @IsString() @MaxLength(16) codeChallengeMethod?: string
  @IsOptional() @IsString() @MaxLength(STATE_LENGTH) state?: string
  @IsOptional() @IsString() @MaxLength(4_096) ticket?: string
}

export class ExchangeBody {
  @IsString() @MaxLength(256) code!: string
  @IsString() @MaxLength(128) codeVerifier!: string
}

export class RedeemBody extends ExchangeBody {
  /** Id or slug of the organization that they work for in this session. */
  @IsOptional() @IsString() @MaxLength(64) organization?: string
}

export class StartLinkBody {
  @IsOptional() @IsString() @MaxLength(URL_LENGTH) redirectTo?: string
  @IsString() @MaxLength(128) codeChallenge!: string
  @IsOptional() @IsString() @MaxLength(16) codeChallengeMethod?: string
  @IsOptional() @IsString() @MaxLength(STATE_LENGTH) state?: string
  @IsOptional() @IsString() password?: string
}

export class UnlinkBody {
  @IsOptional() @IsString() password?: string
}
