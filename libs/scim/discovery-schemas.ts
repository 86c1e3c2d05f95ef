import { flag, group, reference, text, type Attribute, type Schema } from './attribute.js'

const ours = { mutability: 'readOnly' } as const
const needed = { ...ours, required: true } as const
const number = (name: string, description: string): Attribute => ({ ...text(name, description, needed), type: 'integer' })
const supported = flag('supported', 'Whether it is supported.', needed)

const CONFIG: Schema = {
  id: 'urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig',
  name: 'ServiceProviderConfig',
  description: 'What this service supports.',
  attributes: [
    reference('documentationUri', 'Help for people.', ['external'], ours),
    group('patch', 'PATCH.', [supported], needed),
    group('bulk', 'Bulk operations.', [
      supported, number('maxOperations', 'Most operations of a request.'), number('maxPayloadSize', 'Most bytes of a request.'),
    ], needed),
    group('filter', 'Filters.', [supported, number('maxResults', 'Most resources of an answer.')], needed),
    group('changePassword', 'Changing passwords.', [supported], needed),
    group('sort', 'Sorting.', [supported], needed),
    group('etag', 'Entity tags.', [supported], needed),
    group('authenticationSchemes', 'How to authenticate.', [
      text('type', 'The kind.', { ...needed, canonicalValues: ['oauth', 'oauth2', 'oauthbearertoken', 'httpbasic', 'httpdigest'] }),
      text('name', 'Its name.', needed),
      text('description', 'What it is.', needed),
      reference('specUri', 'Its specification.', ['external'], ours),
      reference('documentationUri', 'Help for people.', ['external'], ours),
      flag('primary', 'Whether it is the preferred one.', ours),
    ], { ...needed, multiValued: true }),
  ],
}

const RESOURCE_TYPE: Schema = {
  id: 'urn:ietf:params:scim:schemas:core:2.0:ResourceType',
  name: 'ResourceType',
  description: 'A kind of resource.',
  attributes: [
    text('id', 'Its id.', ours),
    text('name', 'Its name.', needed),
    text('description', 'What it is.', ours),
    reference('endpoint', 'Where it is found, from the base URL.', ['uri'], needed),
    reference('schema', 'The URN of its schema.', ['uri'], needed),
    group('schemaExtensions', 'What is added to its schema.', [
      reference('schema', 'The URN of the extension.', ['uri'], needed),
      flag('required', 'Whether every resource has it.', needed),
    ], { ...ours, multiValued: true }),
  ],
}

const characteristics = (subAttributes: readonly Attribute[]): readonly Attribute[] => [
  text('name', 'Its name.', { ...needed, caseExact: true }),
  text('type', 'What its values are.', {
    ...needed,
    caseExact: true,
    canonicalValues: ['string', 'complex', 'boolean', 'decimal', 'integer', 'dateTime', 'reference', 'binary'],
  }),
  flag('multiValued', 'Whether it is a list.', needed),
  text('description', 'What it is.', { ...ours, caseExact: true }),
  flag('required', 'Whether it has to be there.', ours),
  text('canonicalValues', 'Usual values.', { ...ours, multiValued: true, caseExact: true }),
  flag('caseExact', 'Whether letter case counts.', ours),
  text('mutability', 'Who may change it.', {
    ...ours,
    caseExact: true,
    canonicalValues: ['readOnly', 'readWrite', 'immutable', 'writeOnly'],
  }),
  text('returned', 'When it is answered.', { ...ours, caseExact: true, canonicalValues: ['always', 'never', 'default', 'request'] }),
  text('uniqueness', 'Within what it is unique.', { ...ours, caseExact: true, canonicalValues: ['none', 'server', 'global'] }),
  text('referenceTypes', 'What it may refer to.', { ...ours, multiValued: true, caseExact: true }),
  ...subAttributes,
]

const SCHEMA: Schema = {
  id: 'urn:ietf:params:scim:schemas:core:2.0:Schema',
  name: 'Schema',
  description: 'What a resource is made of.',
  attributes: [
    text('id', 'Its URN.', needed),
    text('name', 'Its name.', ours),
    text('description', 'What it is.', ours),
    group('attributes', 'Its attributes.', characteristics([
      group('subAttributes', 'The parts of an attribute.', characteristics([]), { ...ours, multiValued: true }),
    ]), { ...needed, multiValued: true }),
  ],
}

/** The schemas of what describes the service itself (RFC 7643, 8.7.2). */
export const DISCOVERY_SCHEMAS: readonly Schema[] = [CONFIG, RESOURCE_TYPE, SCHEMA]
