import { IsName } from '@portico/http/is-name'
import { Convert, Nested, NestedEach, Nullable, trimmed } from '@portico/http/validated'
import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsOptional, IsString, MaxLength, MinLength, ValidateIf } from 'class-validator'
import { SIGNED_PARTS, SSO_PROTOCOLS, SSO_STATES } from '@portico/end-user/records/sso-connection'

const URL_LENGTH = 2_048
const NAME_LENGTH = 256

export class OidcBody {
  @IsOptional() @IsString() @MaxLength(URL_LENGTH) issuer?: string
  @IsOptional() @IsString() @MaxLength(512) clientId?: string
  @IsOptional() @IsString() @MinLength(1) @MaxLength(8_192) clientSecret?: string
  @IsOptional() @Nullable() @IsArray() @ArrayMaxSize(50) @IsString({ each: true }) scopes?: string[] | null
}

export class SamlBody {
  @IsOptional() @Nullable() @IsString() @MaxLength(URL_LENGTH) metadataUrl?: string | null
  @IsOptional() @IsString() @MaxLength(60_000) metadataXml?: string
  @IsOptional() @IsString() @MinLength(1) @MaxLength(1_024) entityId?: string
  @IsOptional() @IsString() @MaxLength(URL_LENGTH) ssoUrl?: string
  @IsOptional() @IsArray() @ArrayMaxSize(10) @IsString({ each: true }) @MaxLength(16_384, { each: true }) certificates?: string[]
  @IsOptional() @IsIn(['redirect', 'post']) binding?: 'redirect' | 'post'
  @IsOptional() @IsIn(SIGNED_PARTS) signed?: (typeof SIGNED_PARTS)[number]
  @IsOptional() @IsBoolean() idpInitiated?: boolean
  @IsOptional() @Nullable() @IsString() @MaxLength(NAME_LENGTH) nameIdFormat?: string | null
  @IsOptional() @IsBoolean() signRequests?: boolean
  @IsOptional() @Nullable() @IsString() @MaxLength(URL_LENGTH) sloUrl?: string | null
  @IsOptional() @IsIn(['redirect', 'post']) sloBinding?: 'redirect' | 'post'
}

export class MetadataMappingBody {
  @IsString() @MinLength(1) @MaxLength(NAME_LENGTH) attribute!: string
  @IsString() @MinLength(1) @MaxLength(64) key!: string
}

export class AttributesBody {
  @IsOptional() @Nullable() @IsString() @MaxLength(NAME_LENGTH) email?: string | null
  @IsOptional() @Nullable() @IsString() @MaxLength(NAME_LENGTH) name?: string | null
  @IsOptional() @Nullable() @IsString() @MaxLength(NAME_LENGTH) groups?: string | null
  @IsOptional() @IsArray() @ArrayMaxSize(50) @NestedEach(() => MetadataMappingBody) metadata?: MetadataMappingBody[]
}

export class RoleMappingBody {
  @IsString() @MinLength(1) @MaxLength(512) group!: string
  @IsString() @MinLength(1) @MaxLength(32) role!: string
}

class ConnectionFields {
  @IsOptional() @IsIn(SSO_STATES) state?: (typeof SSO_STATES)[number]
  @IsOptional() @Nested(() => OidcBody) oidc?: OidcBody
  @IsOptional() @Nested(() => SamlBody) saml?: SamlBody
  @IsOptional() @Nested(() => AttributesBody) attributes?: AttributesBody
  @IsOptional() @IsArray() @ArrayMaxSize(200) @NestedEach(() => RoleMappingBody) roles?: RoleMappingBody[]
  @IsOptional() @Nullable() @IsString() @MaxLength(32) fallbackRole?: string | null
  @IsOptional() @IsBoolean() createUsers?: boolean
  @IsOptional() @IsArray() @ArrayMaxSize(50) @IsString({ each: true }) domains?: string[]
  @IsOptional() @IsBoolean() enforce?: boolean
  @IsOptional() @IsBoolean() localLogin?: boolean
}

export class ChangeConnectionBody extends ConnectionFields {
  @ValidateIf((body: ChangeConnectionBody) => body.name !== undefined)
  @Convert(trimmed)
  @IsString()
  @MinLength(1)
  @IsName(200)
  name?: string
}

export class CreateConnectionBody extends ConnectionFields {
  @Convert(trimmed) @IsString() @MinLength(1) @IsName(200) name!: string
  @IsIn(SSO_PROTOCOLS) protocol!: (typeof SSO_PROTOCOLS)[number]
  /** The organization whose people come in by it; absent: those of the whole project. */
  @IsOptional() @IsString() @MaxLength(64) organizationId?: string
}

export class ListConnectionsQuery {
  @IsOptional() @IsString() @MaxLength(64) organizationId?: string
}

export class AddEmailDomainBody {
  @IsString() @MaxLength(300) domain!: string
  /** The organization that says it is its own; absent: the project itself. */
  @IsOptional() @IsString() @MaxLength(64) organizationId?: string
}
