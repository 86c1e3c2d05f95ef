import { IsIn, IsObject, IsOptional, IsString } from 'class-validator'
import { ENV_FORMATS, type EnvFormat } from './format-env.js'

export class RuntimeEnvQuery {
  @IsOptional() @IsIn(ENV_FORMATS) format?: EnvFormat
}

export class SetVariableBody {
  @IsString() value!: string
}

export class SetVariablesBody {
  @IsObject() variables!: Record<string, unknown>
}
