import { IsOptional, IsString, MaxLength, MinLength } from 'class-validator'

export class SetMailTemplateBody {
  @IsString() @MinLength(1) @MaxLength(500) subject!: string
  @IsString() @MinLength(1) @MaxLength(50_000) text!: string
  /** A whole page, or what stands in the card of ours. */
  @IsString() @MinLength(1) @MaxLength(100_000) html!: string
}

/** All three, or none: what is in use. */
export class PreviewMailTemplateBody {
  @IsOptional() @IsString() @MinLength(1) @MaxLength(500) subject?: string
  @IsOptional() @IsString() @MinLength(1) @MaxLength(50_000) text?: string
  @IsOptional() @IsString() @MinLength(1) @MaxLength(100_000) html?: string
}

export class SendTestMailBody {
  @IsString() @MinLength(3) @MaxLength(320) to!: string
}
