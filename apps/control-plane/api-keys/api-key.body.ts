import { IsName } from '@portico/http/is-name'
import { Convert, Nullable, trimmed } from '@portico/http/validated'
import { ArrayMaxSize, ArrayMinSize, IsArray, IsBoolean, IsIn, IsISO8601, IsOptional, IsString, MinLength } from 'class-validator'

export class CreateApiKeyBody {
  @Convert(trimmed) @IsString() @MinLength(1) @IsName(200) name!: string
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(50) @IsString({ each: true }) scopes!: string[]
  @IsOptional() @Nullable() @IsISO8601({ strict: true, strictSeparator: true }) expiresAt?: string | null
  /** Nothing else can be reached with the key then. */
  @IsOptional() @Nullable() @IsArray() @ArrayMinSize(1) @ArrayMaxSize(100) @IsString({ each: true }) projectIds?: string[] | null
  @IsOptional() @IsBoolean() readOnly?: boolean
  @IsOptional() @IsIn(['live', 'test']) mode?: 'live' | 'test'
}
