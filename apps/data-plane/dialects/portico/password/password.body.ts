import { IsObject, IsOptional, IsString, MaxLength } from 'class-validator'

const TOKEN_LENGTH = 256

export class SignUpBody {
  @IsString() email!: string
  @IsString() password!: string
  @IsOptional() @IsObject() metadata?: Record<string, unknown>
  @IsOptional() @IsString() @MaxLength(128) codeChallenge?: string
  @IsOptional() @IsString() @MaxLength(16) codeChallengeMethod?: string
}

export class LogInBody {
  @IsString() email!: string
  @IsString() password!: string
}

export class MailRequestBody {
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
