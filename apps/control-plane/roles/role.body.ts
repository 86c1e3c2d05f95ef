import { ArrayMaxSize, ArrayMinSize, IsArray, IsOptional, IsString, MaxLength, ValidateIf } from 'class-validator'

export class CreateRoleBody {
  @IsString() @MaxLength(40) name!: string
  @IsOptional() @IsString() @MaxLength(200) description?: string
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(50) @IsString({ each: true }) permissions!: string[]
}

export class ChangeRoleBody {
  @ValidateIf((body: ChangeRoleBody) => body.description !== undefined) @IsString() @MaxLength(200) description?: string
  @ValidateIf((body: ChangeRoleBody) => body.permissions !== undefined)
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(50) @IsString({ each: true })
  permissions?: string[]
}
