// JSON Schema of a class with class-validator decorators.
import { bodyFields } from '../../libs/http/dist/body-plan.js'

/** What each validator says in JSON Schema; one that is not here cannot be described and stops the generator. */
const SAYS = {
  isString: () => ({ type: 'string' }),
  isInt: () => ({ type: 'integer' }),
  isBoolean: () => ({ type: 'boolean' }),
  isObject: () => ({ type: 'object', additionalProperties: true }),
  isArray: () => ({ type: 'array' }),
  isIso8601: () => ({ type: 'string', format: 'date-time' }),
  isIn: ([values]) => (values.length === 1 ? { const: values[0] } : { type: typeof values[0], enum: [...values] }),
  minLength: ([least]) => ({ minLength: least }),
  maxLength: ([most]) => ({ maxLength: most }),
  isNotEmpty: () => ({ minLength: 1 }),
  min: ([least]) => ({ minimum: least }),
  max: ([most]) => ({ maximum: most }),
  arrayMinSize: ([least]) => ({ minItems: least }),
  arrayMaxSize: ([most]) => ({ maxItems: most }),
  arrayUnique: () => ({ uniqueItems: true }),
  matches: ([form]) => ({ pattern: form.source }),
  // What stands in it is said in words, or by a schema that the field points at.
  nestedValidation: () => ({ type: 'object' }),
  // One line of text (libs/http/is-name.ts), in words only.
  invalidCharacters: () => ({}),
}

export function schemaOf(body) {
  const fields = bodyFields(body).map((field) => [field.name, { field, schema: schemaOfField(body, field) }])
  return {
    properties: Object.fromEntries(fields.map(([name, { schema }]) => [name, schema])),
    required: fields.filter(([, { field }]) => !field.optional).map(([name]) => name),
  }
}

function schemaOfField(body, { name, nullable, validators }) {
  const schema = {}
  for (const validator of validators) {
    const say = SAYS[validator.name]
    if (!say) throw new Error(`${body.name}.${name}: tools/openapi-schemas does not know the validator ${validator.name}`)
    const said = say(validator.constraints)
    if (validator.each) schema.items = { ...schema.items, ...said }
    else Object.assign(schema, said)
  }
  return inOrder(nullable && schema.type ? { ...schema, type: [schema.type, 'null'] } : schema)
}

/** The type first, whatever the order of the decorators. */
const inOrder = ({ type, ...others }) => ({ ...(type !== undefined && { type }), ...others })
