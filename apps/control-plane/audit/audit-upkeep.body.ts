import { Nullable } from '@portico/http/validated'
import { IsIn, IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min, MinLength, ValidateIf } from 'class-validator'

export class SetAuditRetentionBody {
  /** `null`: for ever. Not shorter than 30 days: whoever steals a key does not erase their traces with it. */
  @Nullable() @ValidateIf((body: SetAuditRetentionBody) => body.days !== null) @IsInt() @Min(30) @Max(3_650) days!: number | null
}

export class SetAuditStreamBody {
  @IsIn(['https', 's3']) kind!: 'https' | 's3'
  @IsOptional() @IsString() @MinLength(1) @MaxLength(2_000) url?: string
  /** Of the store; the bucket stands in the path. */
  @IsOptional() @IsString() @MinLength(1) @MaxLength(500) endpoint?: string
  @IsOptional() @IsString() @Matches(/^[a-z0-9-]{1,60}$/) region?: string
  @IsOptional() @IsString() @Matches(/^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/) bucket?: string
  /** Before every name: `portico/` makes a folder. */
  @IsOptional() @IsString() @Matches(/^(?!\/)(?!.*(?:\/\/|\.\.))[\w./-]{0,200}$/) prefix?: string
  @IsOptional() @IsString() @Matches(/^[\w-]{1,128}$/) accessKeyId?: string
  @IsOptional() @IsString() @MinLength(1) @MaxLength(1_024) secretAccessKey?: string
}
