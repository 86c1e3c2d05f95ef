import { IsOptional, IsString, MaxLength } from 'class-validator'

export class TokenBody {
  @IsString() @MaxLength(256) token!: string
}

export class ChangeEmailBody {
  @IsString() email!: string
  @IsOptional() @IsString() password?: string
}
