import { Convert, toBoolean } from '@portico/http/validated'
import { IsBoolean, IsObject, IsOptional, IsString, MaxLength, ValidateIf } from 'class-validator'
import { PageQuery } from '../http/page.body.js'

export class BootBody {
  @IsOptional() @IsString() @MaxLength(200) name?: string | null
  @ValidateIf((body: BootBody) => body.metadata !== undefined) @IsObject() metadata?: Record<string, unknown>
}

export class ListInstancesQuery extends PageQuery {
  @IsOptional() @Convert(toBoolean) @IsBoolean() live?: boolean
}
