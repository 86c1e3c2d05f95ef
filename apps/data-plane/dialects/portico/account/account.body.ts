import { IsObject, IsOptional, IsString } from 'class-validator'

export class UpdateUserBody {
  @IsObject() metadata!: Record<string, unknown>
}

export class DeleteUserBody {
  @IsOptional() @IsString() password?: string
}
