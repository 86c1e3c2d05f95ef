import { IsOptional, IsString, MaxLength } from 'class-validator'

export class MailedLinkQuery {
  @IsOptional() @IsString() @MaxLength(35) locale?: string
  @IsOptional() @IsString() @MaxLength(256) token?: string
}

export class MailedLinkForm {
  @IsString() @MaxLength(256) token!: string
  @IsOptional() @IsString() password?: string
  @IsOptional() @IsString() @MaxLength(64) factorCode?: string
}

export class InvitationProviderForm {
  @IsString() @MaxLength(256) token!: string
}
