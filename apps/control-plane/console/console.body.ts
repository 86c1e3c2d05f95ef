import { Convert, toBoolean, trimmed } from '@portico/http/validated'
import { IsBoolean, IsIn, IsOptional, IsString, MaxLength, MinLength } from 'class-validator'

export class SetUpBody {
  /** Printed at start; not asked for at a console that is open to this machine. */
  @IsOptional() @IsString() @MaxLength(64) code?: string
  @Convert(trimmed) @IsString() @MinLength(3) @MaxLength(320) email!: string
  @IsString() @MinLength(1) @MaxLength(1024) password!: string
  @IsOptional() @Convert(trimmed) @IsString() @MinLength(1) @MaxLength(200) name?: string
}

export class TokenBody {
  /** The token of the environment, or an API key. */
  @Convert(trimmed) @IsString() @MinLength(1) @MaxLength(256) token!: string
}

export class AccessBody {
  @IsIn(['open', 'token', 'password', 'oidc']) mode!: 'open' | 'token' | 'password' | 'oidc'
}

export class SwitchTenantBody {
  @IsString() @MaxLength(64) tenantId!: string
}

export class SignInQuery {
  @IsOptional() @IsString() @MaxLength(500) next?: string
  @IsOptional() @Convert(toBoolean) @IsBoolean() local?: boolean
  /** Set by this route itself, on the way to the public address. */
  @IsOptional() @Convert(toBoolean) @IsBoolean() moved?: boolean
}
