import { IsObject, IsOptional, IsString, MaxLength, MinLength } from 'class-validator'

const [SUBJECT, TEXT, HTML] = [500, 50_000, 100_000]
/** JSON may spell a character in six (`\u00e9`), and an object of the look comes with a preview. */
export const LONGEST_TEMPLATE_BODY = 6 * (SUBJECT + TEXT + HTML) + 16_384

export class SetMailTemplateBody {
  @IsString() @MinLength(1) @MaxLength(SUBJECT) subject!: string
  @IsString() @MinLength(1) @MaxLength(TEXT) text!: string
  /** A whole page, or what stands in the card of ours. */
  @IsString() @MinLength(1) @MaxLength(HTML) html!: string
}

/** All three parts, or none: what is in use. */
export class PreviewMailTemplateBody {
  @IsOptional() @IsString() @MinLength(1) @MaxLength(SUBJECT) subject?: string
  @IsOptional() @IsString() @MinLength(1) @MaxLength(TEXT) text?: string
  @IsOptional() @IsString() @MinLength(1) @MaxLength(HTML) html?: string
  /** As in the settings; the saved one when absent. */
  @IsOptional() @IsObject() branding?: Record<string, unknown>
}

export class SendTestMailBody {
  @IsString() @MinLength(3) @MaxLength(320) to!: string
}
