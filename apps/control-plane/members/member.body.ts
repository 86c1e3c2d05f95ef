import { Convert, trimmed } from '@portico/http/validated'
import { IsBoolean, IsOptional, IsString, MaxLength, MinLength, ValidateIf } from 'class-validator'

export class InviteToTeamBody {
  @Convert(trimmed) @IsString() @MinLength(3) @MaxLength(320) email!: string
  @IsString() @MinLength(1) @MaxLength(40) role!: string
  /** May sign in with password or passkey although the console asks an outside issuer. */
  @IsOptional() @IsBoolean() breakGlass?: boolean
}

export class ChangeMemberBody {
  @ValidateIf((body: ChangeMemberBody) => body.role !== undefined) @IsString() @MinLength(1) @MaxLength(40) role?: string
  @ValidateIf((body: ChangeMemberBody) => body.breakGlass !== undefined) @IsBoolean() breakGlass?: boolean
}
