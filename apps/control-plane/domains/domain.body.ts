import { Convert, toBoolean } from '@portico/http/validated'
import { IsBoolean, IsOptional, IsString, MaxLength } from 'class-validator'

export class AddDomainBody {
  @IsString() @MaxLength(300) hostname!: string
}

export class RemoveDomainQuery {
  /** The caller knows whom it locks out. */
  @IsOptional() @Convert(toBoolean) @IsBoolean() force?: boolean
}

export class HandOverDomainBody {
  @IsString() @MaxLength(100) projectId!: string
  /** The caller knows whom it locks out. */
  @IsOptional() @IsBoolean() force?: boolean
}
