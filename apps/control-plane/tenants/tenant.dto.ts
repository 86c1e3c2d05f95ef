import { trimmed } from '@portico/http/validated'
import { SLUG } from '@portico/platform/slug'
import { Transform } from 'class-transformer'
import { IsString, Matches, MaxLength, MinLength, ValidateIf } from 'class-validator'

export class CreateTenantBody {
  @Transform(trimmed) @IsString() @MinLength(1) @MaxLength(200) name!: string
  @ValidateIf((body: CreateTenantBody) => body.slug !== undefined) @IsString() @Matches(SLUG) slug?: string
}
