import { toInteger } from '@portico/http/validated'
import { Transform } from 'class-transformer'
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator'

/** `limit` and `cursor`, or `page` and `page_size`. */
export class PageQuery {
  @IsOptional() @Transform(toInteger) @IsInt() @Min(1) @Max(100) limit?: number
  @IsOptional() @IsString() @MaxLength(200) cursor?: string
  @IsOptional() @Transform(toInteger) @IsInt() @Min(1) @Max(10_000) page?: number
  @IsOptional() @Transform(toInteger) @IsInt() @Min(1) @Max(100) pageSize?: number
}
