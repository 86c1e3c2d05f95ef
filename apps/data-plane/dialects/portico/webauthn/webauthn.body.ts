import { IsName } from '@portico/http/is-name'
import { WireName } from '@portico/http/validated'
import { IsNotEmpty, IsObject, IsOptional, IsString, MaxLength } from 'class-validator'

const TOKEN_LENGTH = 256
const CODE_LENGTH = 64
const NAME_LENGTH = 100

export class RegisterOptionsBody {
  @IsOptional() @IsString() @MaxLength(TOKEN_LENGTH) mfaToken?: string
  @IsOptional() @IsString() password?: string
  @IsOptional() @IsString() @MaxLength(CODE_LENGTH) code?: string
}

export class RegisterVerifyBody {
  @IsObject() credential!: Record<string, unknown>
  @IsOptional() @IsString() @IsNotEmpty() @IsName(NAME_LENGTH) friendlyName?: string
  @IsOptional() @IsString() @MaxLength(TOKEN_LENGTH) mfaToken?: string
}

export class AuthenticateOptionsBody {
  @IsOptional() @IsString() @MaxLength(TOKEN_LENGTH) mfaToken?: string
}

export class AuthenticateVerifyBody {
  @IsObject() @WireName('credential', 'assertion') credential!: Record<string, unknown>
  /** Id or slug of the organization that they work for in this session. */
  @IsOptional() @IsString() @MaxLength(64) organization?: string
}

export class RenamePasskeyBody {
  @IsString() @IsNotEmpty() @IsName(NAME_LENGTH) friendlyName!: string
}
