import { Nullable } from '@portico/http/validated'
import { IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min, MinLength } from 'class-validator'

export class SetMailSenderBody {
  @IsIn(['smtp', 'resend', 'resend_domain']) kind!: 'smtp' | 'resend' | 'resend_domain'
  /** `address` or `Name <address>`. */
  @IsString() @MinLength(3) @MaxLength(360) from!: string
  @IsOptional() @IsString() @MinLength(1) @MaxLength(253) host?: string
  @IsOptional() @IsInt() @Min(1) @Max(65_535) port?: number
  @IsOptional() @IsIn(['tls', 'starttls', 'none']) security?: 'tls' | 'starttls' | 'none'
  @IsOptional() @IsString() @MinLength(1) @MaxLength(320) user?: string
  @IsOptional() @IsString() @MinLength(1) @MaxLength(1_024) password?: string
  @IsOptional() @IsString() @MinLength(1) @MaxLength(1_024) apiKey?: string
  /** Of the webhook at Resend that reports on these mails. */
  @IsOptional() @Nullable() @IsString() @MinLength(1) @MaxLength(200) webhookSecret?: string | null
  @IsOptional() @Nullable() @IsInt() @Min(0) @Max(1_000) retries?: number | null
}
