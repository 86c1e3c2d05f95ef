import { openapiQuery, type JsonSchema } from '../../api/openapi.js'

/** One setting as the API's own description has it: a setting that is added there appears here by itself. */
export interface SettingSchema {
  name: string
  /** As the SDK spells it. */
  key: string
  kind: 'switch' | 'choice' | 'number' | 'text' | 'list' | 'object'
  description: string
  default: unknown
  nullable: boolean
  choices: string[]
  minimum?: number
  maximum?: number
  /** Of an object: its parts, each with points and a window. */
  parts: { name: string; description: string }[]
}

const camel = (name: string) => name.replaceAll(/_([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase())

export const settingsQuery = {
  ...openapiQuery,
  select: (schemas: Record<string, JsonSchema>) =>
    Object.entries(schemas['Settings']?.properties ?? {}).map(([name, schema]) => read(name, schema)),
}

function read(name: string, schema: JsonSchema): SettingSchema {
  const types = [schema.type ?? []].flat()
  return {
    name,
    key: camel(name),
    kind: kindOf(types, schema),
    description: schema.description ?? '',
    default: schema.default ?? null,
    nullable: types.includes('null'),
    choices: (schema.enum ?? []).filter((choice) => choice !== null).map(String),
    ...(schema.minimum !== undefined && { minimum: schema.minimum }),
    ...(schema.maximum !== undefined && { maximum: schema.maximum }),
    parts: Object.entries(schema.properties ?? {}).map(([part, { description = '' }]) => ({ name: part, description })),
  }
}

function kindOf(types: string[], schema: JsonSchema): SettingSchema['kind'] {
  if (types.includes('boolean')) return 'switch'
  if (schema.enum) return 'choice'
  if (types.includes('integer') || types.includes('number')) return 'number'
  if (types.includes('array')) return 'list'
  if (types.includes('object')) return 'object'
  return 'text'
}
