import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator'

export class RotateSecretBody {
  @IsOptional() @IsIn(['staged', 'immediate']) mode?: 'staged' | 'immediate'
  @IsOptional() @IsInt() @Min(60) @Max(604_800) deadlineSeconds?: number
}
