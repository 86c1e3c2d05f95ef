import { IsString, MaxLength } from 'class-validator'

export class AddDomainBody {
  @IsString() @MaxLength(300) hostname!: string
}
