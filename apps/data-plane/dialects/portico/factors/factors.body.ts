import { IsName } from '@portico/http/is-name'
import { WireName } from '@portico/http/validated'
import { IsIn, IsInt, IsNotEmpty, IsObject, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator'

const TOKEN_LENGTH = 256
const CODE_LENGTH = 64
const NAME_LENGTH = 100

export class StartFactorBody {
  @IsIn(['totp']) type!: 'totp'
  @IsOptional() @IsString() @IsNotEmpty() @IsName(NAME_LENGTH) friendlyName?: string
  @IsOptional() @IsString() @MaxLength(TOKEN_LENGTH) mfaToken?: string
  @IsOptional() @IsString() password?: string
  @IsOptional() @IsString() @MaxLength(CODE_LENGTH) code?: string
}

export class ActivateFactorBody {
  @IsString() @MaxLength(CODE_LENGTH) code!: string
  @IsOptional() @IsString() @MaxLength(TOKEN_LENGTH) mfaToken?: string
}

export class FreshProofBody {
  @IsOptional() @IsString() password?: string
  @IsOptional() @IsString() @MaxLength(CODE_LENGTH) code?: string
}

export class VerifyFactorBody {
  @IsString() @MaxLength(TOKEN_LENGTH) mfaToken!: string
  @IsOptional() @IsString() factorId?: string
  @IsOptional() @IsString() @MaxLength(CODE_LENGTH) code?: string
  @IsOptional() @IsObject() @WireName('credential', 'assertion') assertion?: Record<string, unknown>
  /** Id or slug of the organization that they work for in this session. */
  @IsOptional() @IsString() @MaxLength(64) organization?: string
}

export class ConfirmRecoveryBody {
  @IsString() @MaxLength(TOKEN_LENGTH) token!: string
  /** Id or slug of the organization that they work for in this session. */
  @IsOptional() @IsString() @MaxLength(64) organization?: string
}

export class ChallengeBody {
  @IsOptional() @IsString() factorId?: string
  @IsOptional() @IsString() @MaxLength(CODE_LENGTH) code?: string
  @IsOptional() @IsObject() @WireName('credential', 'assertion') assertion?: Record<string, unknown>
  @IsOptional() @IsInt() @Min(0) @Max(31_536_000) maxAge?: number
}
