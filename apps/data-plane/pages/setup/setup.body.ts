import { IsOptional, IsString, MaxLength } from 'class-validator'

export class SetupQuery {
  @IsOptional() @IsString() @MaxLength(35) locale?: string
  @IsOptional() @IsString() @MaxLength(256) token?: string
  @IsOptional() @IsString() @MaxLength(32) done?: string
}

export class OpenSetupForm {
  @IsOptional() @IsString() @MaxLength(64) formToken?: string
  @IsString() @MaxLength(256) token!: string
}

/** Every button of the page: `intent` says which, `id` of which domain. */
export class SetupForm {
  @IsOptional() @IsString() @MaxLength(64) formToken?: string
  @IsOptional() @IsString() @MaxLength(32) intent?: string
  @IsOptional() @IsString() @MaxLength(64) id?: string
  @IsOptional() @IsString() @MaxLength(300) domain?: string
  @IsOptional() @IsString() @MaxLength(2_048) metadataUrl?: string
  @IsOptional() @IsString() @MaxLength(400_000) metadataXml?: string
  @IsOptional() @IsString() @MaxLength(2_048) issuer?: string
  @IsOptional() @IsString() @MaxLength(512) clientId?: string
  @IsOptional() @IsString() @MaxLength(8_192) clientSecret?: string
}
