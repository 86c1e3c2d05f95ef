import { IsObject, IsOptional, IsString, MaxLength } from 'class-validator'
import { MAX_DEVICE_TOKEN } from '@portico/end-user/abuse/device-token'
import { CaptchaGuarded } from '../abuse/captcha.body.js'

const TOKEN_LENGTH = 256

export class SignUpBody extends CaptchaGuarded {
  @IsString() email!: string
  @IsString() password!: string
  @IsOptional() @IsObject() metadata?: Record<string, unknown>
  @IsOptional() @IsString() @MaxLength(128) codeChallenge?: string
  @IsOptional() @IsString() @MaxLength(16) codeChallengeMethod?: string
  @IsOptional() @IsString() @MaxLength(MAX_DEVICE_TOKEN) deviceToken?: string
  /** Id or slug of the organization that they work for in this session. */
  @IsOptional() @IsString() @MaxLength(64) organization?: string
}

export class LogInBody extends CaptchaGuarded {
  @IsString() email!: string
  @IsString() password!: string
  /** Id or slug of the organization that they work for in this session. */
  @IsOptional() @IsString() @MaxLength(64) organization?: string
  /** As an earlier answer gave it. */
  @IsOptional() @IsString() @MaxLength(MAX_DEVICE_TOKEN) deviceToken?: string
}

export class MailRequestBody extends CaptchaGuarded {
  @IsString() email!: string
  @IsOptional() @IsString() @MaxLength(2_048) redirectTo?: string
}

export class ConfirmPasswordResetBody {
  @IsString() @MaxLength(TOKEN_LENGTH) token!: string
  @IsString() password!: string
}

export class ChangePasswordBody {
  @IsString() currentPassword!: string
  @IsString() password!: string
}

export class CheckPasswordBody {
  /** Longer than any that could be set is told as such. */
  @IsString() @MaxLength(1_024) password!: string
  @IsOptional() @IsString() email?: string
}
