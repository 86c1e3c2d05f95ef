import { IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator'

const SCOPES = ['local', 'global', 'others'] as const

export class VerifyBody {
  @IsOptional() @IsString() token?: string
  @IsOptional() @IsInt() @Min(0) @Max(31_536_000) maxAge?: number
}

export class RefreshBody {
  @IsOptional() @IsString() @MaxLength(256) refreshToken?: string
}

export class LogOutBody extends RefreshBody {
  /** An access token, where a client has no header for it. */
  @IsOptional() @IsString() token?: string
  @IsOptional() @IsIn(SCOPES) scope?: (typeof SCOPES)[number]
}

export class LogOutQuery {
  @IsOptional() @IsIn(SCOPES) scope?: (typeof SCOPES)[number]
}
