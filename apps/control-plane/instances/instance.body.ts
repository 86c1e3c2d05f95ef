import { IsName } from '@portico/http/is-name'
import { Convert, Nullable, toBoolean } from '@portico/http/validated'
import { ArrayMaxSize, ArrayUnique, IsArray, IsBoolean, IsObject, IsOptional, IsString, Matches, ValidateIf } from 'class-validator'
import { PageQuery } from '../http/page.body.js'

const VARIABLE_NAME = /^[A-Z_][A-Z0-9_]{0,99}$/

/** Names of the variables that the process reads. Any name will do: only those that a rotation brings are looked at. */
export class ReadsBody {
  @ValidateIf((body: ReadsBody) => body.reads !== undefined)
  @IsArray()
  @ArrayMaxSize(20)
  @ArrayUnique()
  @IsString({ each: true })
  @Matches(VARIABLE_NAME, { each: true, message: 'must be names of variables' })
  reads?: string[]
}

export class BootBody extends ReadsBody {
  @IsOptional() @Nullable() @IsString() @IsName(200) name?: string | null
  @ValidateIf((body: BootBody) => body.metadata !== undefined) @IsObject() metadata?: Record<string, unknown>
}

export class ListInstancesQuery extends PageQuery {
  @IsOptional() @Convert(toBoolean) @IsBoolean() live?: boolean
}
