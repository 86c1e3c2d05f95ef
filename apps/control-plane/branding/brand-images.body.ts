import { IsString, Matches, MaxLength, MinLength } from 'class-validator'

/** 256 KB as base64. */
export const LONGEST_IMAGE_TEXT = 349_528

export class BrandImageBody {
  /** A PNG or JPEG file, base64. */
  @IsString() @MinLength(16) @MaxLength(LONGEST_IMAGE_TEXT) @Matches(/^[A-Za-z0-9+/]+={0,2}$/) data!: string
}
