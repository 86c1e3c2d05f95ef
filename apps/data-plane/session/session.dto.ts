import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator'

const SCOPES = ['local', 'global', 'others'] as const

export class VerifyBody {
  @IsOptional() @IsString() token?: string
}

export class RefreshBody {
  @IsOptional() @IsString() @MaxLength(256) refreshToken?: string
}

export class LogOutBody extends RefreshBody {
  @IsOptional() @IsIn(SCOPES) scope?: (typeof SCOPES)[number]
}

export class LogOutQuery {
  @IsOptional() @IsIn(SCOPES) scope?: (typeof SCOPES)[number]
}
