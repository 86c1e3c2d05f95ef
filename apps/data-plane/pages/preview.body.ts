import { IsString, MaxLength } from 'class-validator'

export class PreviewQuery {
  @IsString() @MaxLength(6_000) ticket!: string
}
