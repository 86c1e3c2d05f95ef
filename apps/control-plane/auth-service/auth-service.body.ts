import { Convert, toBoolean } from '@portico/http/validated'
import { IsBoolean, IsIn, IsInt, IsOptional, Max, Min } from 'class-validator'

export class ChangeAuthQuery {
  /** Answers what the change would do, and does nothing. */
  @IsOptional() @Convert(toBoolean) @IsBoolean() dryRun?: boolean
}

export class RotateSecretBody {
  @IsOptional() @IsIn(['staged', 'immediate']) mode?: 'staged' | 'immediate'
  @IsOptional() @IsInt() @Min(60) @Max(604_800) deadlineSeconds?: number
}
