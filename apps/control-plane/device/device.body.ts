import { IsName } from '@portico/http/is-name'
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator'

export class DeviceCodeBody {
  /** What the key will be called: the machine and the program. */
  @IsString() @IsName(100) clientName!: string
}

export class DeviceTokenBody {
  @IsString() @MaxLength(100) deviceCode!: string
}

export class DeviceDecisionBody {
  @IsString() @MaxLength(20) userCode!: string
  @IsOptional() @IsIn(['approve', 'deny']) decision?: 'approve' | 'deny'
}
