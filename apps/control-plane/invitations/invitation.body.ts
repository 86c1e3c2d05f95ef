import { IsObject, IsOptional, IsString, MaxLength } from 'class-validator'

export class InviteBody {
  @IsString() @MaxLength(1_000) email!: string
  @IsOptional() @IsObject() metadata?: Record<string, unknown>
  @IsOptional() @IsObject() appMetadata?: Record<string, unknown>
  @IsOptional() @IsString() @MaxLength(2_048) redirectTo?: string
}
