import { Convert, Nullable, toBoolean } from '@portico/http/validated'
import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsOptional, IsString, MaxLength, MinLength } from 'class-validator'

export class SetProviderBody {
  @IsString() @MinLength(1) @MaxLength(512) clientId!: string
  @IsOptional() @IsString() @MinLength(1) @MaxLength(8_192) clientSecret?: string
  @IsOptional() @Nullable() @IsString() @MaxLength(2_048) issuer?: string | null
  @IsOptional() @Nullable() @IsArray() @ArrayMaxSize(50) @IsString({ each: true }) scopes?: string[] | null
  @IsOptional() @Nullable() @IsString() @MaxLength(128) tenant?: string | null
  @IsOptional() @Nullable() @IsString() @MaxLength(64) teamId?: string | null
  @IsOptional() @Nullable() @IsString() @MaxLength(64) keyId?: string | null
  @IsOptional() @Nullable() @IsString() @MaxLength(2_048) baseUrl?: string | null
  @IsOptional() @Nullable() @IsString() @MaxLength(64) tokenEndpointAuthMethod?: string | null
  @IsOptional() @Nullable() @IsString() @MaxLength(2_048) expectedIssuer?: string | null
  @IsOptional() @Nullable() @IsString() @MaxLength(2_048) discoveryUrl?: string | null
  @IsOptional() @Nullable() @IsString() @MaxLength(64) idTokenSignedResponseAlg?: string | null
  @IsOptional() @Nullable() @IsBoolean() requireNonce?: boolean | null
}

export class RemoveProviderQuery {
  /** The caller knows whom it locks out. */
  @IsOptional() @Convert(toBoolean) @IsBoolean() force?: boolean
}

export class SetCaptchaBody {
  @IsIn(['turnstile', 'hcaptcha']) provider!: 'turnstile' | 'hcaptcha'
  @IsString() @MaxLength(200) siteKey!: string
  @IsOptional() @IsString() @MinLength(1) @MaxLength(1_024) secret?: string
}
