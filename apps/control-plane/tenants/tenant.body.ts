import { Convert, trimmed } from '@portico/http/validated'
import { SLUG } from '@portico/platform/slug'
import { IsString, Matches, MaxLength, MinLength, ValidateIf } from 'class-validator'

export class CreateTenantBody {
  @Convert(trimmed) @IsString() @MinLength(1) @MaxLength(200) name!: string
  @ValidateIf((body: CreateTenantBody) => body.slug !== undefined) @IsString() @Matches(SLUG) slug?: string
}
