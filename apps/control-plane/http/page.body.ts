import { Convert, toInteger } from '@portico/http/validated'
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator'

/** `limit` and `cursor`, or `page` and `page_size`. */
export class PageQuery {
  @IsOptional() @Convert(toInteger) @IsInt() @Min(1) @Max(100) limit?: number
  @IsOptional() @IsString() @MaxLength(200) cursor?: string
  @IsOptional() @Convert(toInteger) @IsInt() @Min(1) @Max(10_000) page?: number
  @IsOptional() @Convert(toInteger) @IsInt() @Min(1) @Max(100) pageSize?: number
}
