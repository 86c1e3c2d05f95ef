import { IsOptional, IsString, MaxLength } from 'class-validator'

const URL_LENGTH = 2_048

/** What an app says when it sends its user here; carried from page to page. */
export class FlowQuery {
  @IsOptional() @IsString() @MaxLength(URL_LENGTH) redirectTo?: string
  @IsOptional() @IsString() @MaxLength(128) codeChallenge?: string
  @IsOptional() @IsString() @MaxLength(16) codeChallengeMethod?: string
  @IsOptional() @IsString() @MaxLength(1_024) state?: string
  @IsOptional() @IsString() @MaxLength(35) locale?: string
  /** An address to begin with (`login_hint` of OpenID Connect). */
  @IsOptional() @IsString() @MaxLength(320) loginHint?: string
}

export class ReturnQuery extends FlowQuery {
  @IsOptional() @IsString() @MaxLength(256) code?: string
  @IsOptional() @IsString() @MaxLength(256) error?: string
}

class PageForm {
  @IsOptional() @IsString() @MaxLength(64) formToken?: string
}

export class SignInForm extends PageForm {
  @IsOptional() @IsString() @MaxLength(32) intent?: string
  @IsOptional() @IsString() @MaxLength(1_024) email?: string
  @IsOptional() @IsString() password?: string
  @IsOptional() @IsString() @MaxLength(16_384) credential?: string
}

export class CodeForm extends PageForm {
  @IsOptional() @IsString() @MaxLength(32) intent?: string
  @IsString() @MaxLength(1_024) email!: string
  @IsOptional() @IsString() @MaxLength(64) code?: string
}

export class SecondFactorForm extends PageForm {
  @IsString() @MaxLength(256) mfaToken!: string
  @IsOptional() @IsString() @MaxLength(32) intent?: string
  @IsOptional() @IsString() @MaxLength(64) code?: string
  @IsOptional() @IsString() @MaxLength(16_384) credential?: string
}
