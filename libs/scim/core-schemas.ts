import { flag, group, list, reference, text, type ResourceType, type Schema } from './attribute.js'

export const USER_URN = 'urn:ietf:params:scim:schemas:core:2.0:User'
export const GROUP_URN = 'urn:ietf:params:scim:schemas:core:2.0:Group'
export const ENTERPRISE_URN = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'

const value = (description: string) => text('value', description)
const exact = (description: string) => text('value', description, { caseExact: true })

/** RFC 7643, 4.1, without `password`: people of a directory sign in where the directory is, or by mail. */
export const USER_SCHEMA: Schema = {
  id: USER_URN,
  name: 'User',
  description: 'User Account',
  attributes: [
    text('userName', 'What the person is called at the identity provider; unique in the directory.', {
      required: true,
      uniqueness: 'server',
    }),
    group('name', 'The parts of the name.', [
      text('formatted', 'The whole name, as it is shown.'),
      text('familyName', 'Last name.'),
      text('givenName', 'First name.'),
      text('middleName', 'Middle names.'),
      text('honorificPrefix', 'Titles before the name.'),
      text('honorificSuffix', 'What comes after the name.'),
    ]),
    text('displayName', 'The name to show.'),
    text('nickName', 'The casual way to address the person.'),
    reference('profileUrl', 'A page about the person.', ['external']),
    text('title', 'Job title.'),
    text('userType', 'The relation to the organization.'),
    text('preferredLanguage', 'As in Accept-Language.'),
    text('locale', 'A language tag, for dates and numbers.'),
    text('timezone', 'A name of the IANA time zone database.'),
    flag('active', 'Whether the person may sign in. False ends every session at once.'),
    list('emails', 'Addresses. The primary one, else the one for work, else the first is the address of the account.',
      value('The address.'), ['work', 'home', 'other']),
    list('phoneNumbers', 'Telephone numbers.', value('The number.'), ['work', 'home', 'mobile', 'fax', 'pager', 'other']),
    list('ims', 'Addresses for instant messages.', value('The address.'), ['aim', 'gtalk', 'icq', 'xmpp', 'msn', 'skype', 'qq', 'yahoo']),
    list('photos', 'Pictures of the person.', reference('value', 'The URL of a picture.', ['external']), ['photo', 'thumbnail']),
    group('addresses', 'Physical mailing addresses.', [
      text('formatted', 'The whole address.'),
      text('streetAddress', 'Street and house number.'),
      text('locality', 'City.'),
      text('region', 'State or region.'),
      text('postalCode', 'ZIP or postal code.'),
      text('country', 'Country.'),
      text('type', 'What the address is for.', { canonicalValues: ['work', 'home', 'other'] }),
      flag('primary', 'Whether this is the preferred address.'),
    ], { multiValued: true }),
    group('groups', 'The groups of the person; changed at the groups.', [
      text('value', 'The id of the group.', { mutability: 'readOnly', caseExact: true }),
      reference('$ref', 'The URL of the group.', ['Group'], { mutability: 'readOnly' }),
      text('display', 'The name of the group.', { mutability: 'readOnly' }),
      text('type', 'How the person belongs to it.', { mutability: 'readOnly', canonicalValues: ['direct', 'indirect'] }),
    ], { multiValued: true, mutability: 'readOnly' }),
    list('entitlements', 'What the person is entitled to.', exact('The entitlement.'), []),
    list('roles', 'Roles at the identity provider. Roles of the organization come from groups.', exact('The role.'), []),
    list('x509Certificates', 'Certificates of the person.',
      { ...text('value', 'A DER certificate in base64.'), type: 'binary', caseExact: true }, []),
  ],
}

/** RFC 7643, 4.2. */
export const GROUP_SCHEMA: Schema = {
  id: GROUP_URN,
  name: 'Group',
  description: 'Group',
  attributes: [
    text('displayName', 'The name of the group; unique in the directory.', { required: true, uniqueness: 'server' }),
    group('members', 'The people of the group.', [
      text('value', 'The id of the user.', { mutability: 'immutable', caseExact: true }),
      reference('$ref', 'The URL of the user.', ['User'], { mutability: 'immutable' }),
      text('type', 'What the member is.', { mutability: 'immutable', canonicalValues: ['User'] }),
      text('display', 'The name of the member.', { mutability: 'readOnly' }),
    ], { multiValued: true }),
  ],
}

/** RFC 7643, 4.3. */
export const ENTERPRISE_SCHEMA: Schema = {
  id: ENTERPRISE_URN,
  name: 'EnterpriseUser',
  description: 'Enterprise User',
  attributes: [
    text('employeeNumber', 'The number of the person in the organization.'),
    text('costCenter', 'Cost center.'),
    text('organization', 'Organization.'),
    text('division', 'Division.'),
    text('department', 'Department.'),
    group('manager', 'The manager of the person.', [
      text('value', 'The id of the manager.', { caseExact: true }),
      reference('$ref', 'The URL of the manager.', ['User']),
      text('displayName', 'The name of the manager.', { mutability: 'readOnly' }),
    ]),
  ],
}

/** With what a directory adds of its own. */
export function userType(custom: Schema | null): ResourceType {
  return {
    name: 'User',
    endpoint: '/Users',
    description: 'User Account',
    schema: USER_SCHEMA,
    extensions: custom ? [ENTERPRISE_SCHEMA, custom] : [ENTERPRISE_SCHEMA],
  }
}

export const GROUP_TYPE: ResourceType = {
  name: 'Group',
  endpoint: '/Groups',
  description: 'Group',
  schema: GROUP_SCHEMA,
  extensions: [],
}
