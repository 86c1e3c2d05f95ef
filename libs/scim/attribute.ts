export type AttributeType = 'string' | 'boolean' | 'decimal' | 'integer' | 'dateTime' | 'binary' | 'reference' | 'complex'

/** An attribute as RFC 7643, 7 describes one, all characteristics said. */
export interface Attribute {
  name: string
  type: AttributeType
  multiValued: boolean
  description: string
  required: boolean
  caseExact: boolean
  mutability: 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly'
  returned: 'always' | 'never' | 'default' | 'request'
  uniqueness: 'none' | 'server' | 'global'
  canonicalValues?: readonly string[]
  referenceTypes?: readonly string[]
  subAttributes?: readonly Attribute[]
}

export interface Schema {
  id: string
  name: string
  description: string
  attributes: readonly Attribute[]
}

export interface ResourceType {
  name: 'User' | 'Group'
  endpoint: '/Users' | '/Groups'
  description: string
  schema: Schema
  extensions: readonly Schema[]
}

type More = Partial<Omit<Attribute, 'name' | 'type' | 'description'>>

const defaults = {
  multiValued: false,
  required: false,
  caseExact: false,
  mutability: 'readWrite',
  returned: 'default',
  uniqueness: 'none',
} as const

export const text = (name: string, description: string, more: More = {}): Attribute => ({
  name, type: 'string', description, ...defaults, ...more,
})
export const flag = (name: string, description: string, more: More = {}): Attribute => ({
  name, type: 'boolean', description, ...defaults, ...more,
})
export const reference = (name: string, description: string, referenceTypes: readonly string[], more: More = {}): Attribute => ({
  name, type: 'reference', description, ...defaults, caseExact: true, referenceTypes, ...more,
})
export const group = (name: string, description: string, subAttributes: readonly Attribute[], more: More = {}): Attribute => ({
  name, type: 'complex', description, ...defaults, subAttributes, ...more,
})

/** A list of values with what they are for (RFC 7643, 2.4). */
export const list = (name: string, description: string, value: Attribute, canonicalValues: readonly string[], more: More = {}): Attribute =>
  group(
    name,
    description,
    [
      value,
      text('display', 'A name of the value for people.'),
      text('type', 'What the value is for.', { canonicalValues }),
      flag('primary', 'Whether this is the preferred value; at most one is.'),
    ],
    { multiValued: true, ...more },
  )

/** By name, in any case (RFC 7643, 2.1). */
export function findAttribute(attributes: readonly Attribute[], name: string): Attribute | null {
  const wanted = name.toLowerCase()
  return attributes.find((attribute) => attribute.name.toLowerCase() === wanted) ?? null
}
