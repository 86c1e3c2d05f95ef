import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator'

// Our own sign-in page comes back with what the app asked it for.
const NESTED_URL_LENGTH = 3 * 2_048

export class DiscoverSsoBody {
  @IsString() @MaxLength(1_000) email!: string
}

export class StartSsoQuery {
  @IsOptional() @IsString() @MaxLength(64) connectionId?: string
  /** Id or slug. */
  @IsOptional() @IsString() @MaxLength(64) organization?: string
  @IsOptional() @IsString() @MaxLength(1_000) email?: string
  @IsOptional() @IsString() @MaxLength(NESTED_URL_LENGTH) redirectTo?: string
  @IsOptional() @IsString() @MaxLength(128) codeChallenge?: string
  @IsOptional() @IsString() @MaxLength(16) codeChallengeMethod?: string
  @IsOptional() @IsString() @MaxLength(1_024) state?: string
}

export class TrySsoQuery {
  @IsString() @MaxLength(128) ticket!: string
  /** `setup`: back to the page of a set-up link, where the report is shown. */
  @IsOptional() @IsIn(['setup']) from?: 'setup'
  /** In which language that page was read. */
  @IsOptional() @IsString() @MaxLength(35) locale?: string
}

export class AddOrganizationDomainBody {
  @IsString() @MaxLength(300) domain!: string
}

export class CreateOrganizationSetupLinkBody {
  /** A connection of the organization that the holder mends; absent: they make one. */
  @IsOptional() @IsString() @MaxLength(64) connectionId?: string
}
