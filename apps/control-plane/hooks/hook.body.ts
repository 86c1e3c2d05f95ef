import { Convert, toBoolean } from '@portico/http/validated'
import { IsBoolean, IsIn, IsOptional, IsString, MaxLength, ValidateIf } from 'class-validator'

export class SetHookBody {
  /** Needed the first time. */
  @ValidateIf((body: SetHookBody) => body.url !== undefined) @IsString() @MaxLength(2_048) url?: string
  @IsOptional() @IsIn(['deny', 'allow']) on_failure?: 'deny' | 'allow'
  @IsOptional() @Convert(toBoolean) @IsBoolean() enabled?: boolean
}
