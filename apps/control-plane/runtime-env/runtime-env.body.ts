import { ENV_FORMATS, type EnvFormat } from '@portico/platform/runtime-env/format-env'
import { IsIn, IsObject, IsOptional, IsString } from 'class-validator'

export class RuntimeEnvQuery {
  @IsOptional() @IsIn(ENV_FORMATS) format?: EnvFormat
}

export class SetVariableBody {
  @IsString() value!: string
}

export class SetVariablesBody {
  @IsObject() variables!: Record<string, unknown>
}
