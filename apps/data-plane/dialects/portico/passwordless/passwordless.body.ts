import { IsBoolean, IsOptional, IsString, MaxLength } from 'class-validator'
import { CaptchaGuarded } from '../abuse/captcha.body.js'

export class MagicLinkBody extends CaptchaGuarded {
  @IsString() email!: string
  @IsOptional() @IsString() @MaxLength(2_048) redirectTo?: string
  @IsOptional() @IsBoolean() createUser?: boolean
  @IsOptional() @IsString() @MaxLength(128) codeChallenge?: string
  @IsOptional() @IsString() @MaxLength(16) codeChallengeMethod?: string
}

/** The verifier of the challenge that the link was asked for with: for a link that was pressed on our page a moment ago. */
export class ConfirmMagicLinkBody {
  @IsString() @MaxLength(256) token!: string
  @IsOptional() @IsString() @MaxLength(128) codeVerifier?: string
  /** Id or slug of the organization that they work for in this session. */
  @IsOptional() @IsString() @MaxLength(64) organization?: string
}

export class EmailStartBody extends CaptchaGuarded {
  @IsString() email!: string
  @IsOptional() @IsBoolean() createUser?: boolean
}

export class EmailVerifyBody {
  @IsString() email!: string
  @IsString() @MaxLength(64) code!: string
  /** Id or slug of the organization that they work for in this session. */
  @IsOptional() @IsString() @MaxLength(64) organization?: string
}

export class AcceptInvitationBody {
  @IsString() @MaxLength(256) token!: string
  @IsString() password!: string
  /** Id or slug of the organization that they work for in this session. */
  @IsOptional() @IsString() @MaxLength(64) organization?: string
}
