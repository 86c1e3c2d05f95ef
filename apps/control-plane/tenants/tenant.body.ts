import { IsName } from '@portico/http/is-name'
import { Convert, trimmed } from '@portico/http/validated'
import { SLUG } from '@portico/platform/slug'
import { IsString, Matches, MinLength, ValidateIf } from 'class-validator'

export class CreateTenantBody {
  @Convert(trimmed) @IsString() @MinLength(1) @IsName(200) name!: string
  @ValidateIf((body: CreateTenantBody) => body.slug !== undefined) @IsString() @Matches(SLUG) slug?: string
}
