import { IsOptional, IsString, MaxLength } from 'class-validator'

export class CreateSetupLinkBody {
  /** A connection of the organization that the holder mends; absent: they make one. */
  @IsOptional() @IsString() @MaxLength(64) connectionId?: string
}
