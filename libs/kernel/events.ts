import { ACCOUNT_EVENTS } from './account-events.js'
import { OPERATOR, type EventDefinition } from './event-definition.js'

/**
 * Everything that an audit log can say, and nothing else: the names that `recordAudit`, the control plane and the SQL functions write
 * (tests hold all of them, and openapi/events.md, against this list).
 */
export const EVENTS = {
  'tenant.created': { resource: 'tenant', by: [...OPERATOR, 'system'], meaning: 'A tenant was made, with its first key.', webhook: false },
  'api_key.created': { resource: 'api_key', by: OPERATOR, meaning: 'An API key was made.', webhook: false },
  'api_key.revoked': { resource: 'api_key', by: OPERATOR, meaning: 'An API key was revoked.', webhook: false },
  'member.invited': { resource: 'member', by: [...OPERATOR, 'system'], meaning: 'Somebody was invited to the team.', webhook: false },
  'member.added': {
    resource: 'member',
    by: ['system'],
    meaning: 'The first owner was set up, or somebody came through the outside issuer for the first time.',
    webhook: false,
  },
  'member.changed': {
    resource: 'member',
    by: [...OPERATOR, 'system'],
    meaning: 'A member got another role, or the right to sign in without the outside issuer.',
    webhook: false,
  },
  'member.removed': {
    resource: 'member',
    by: [...OPERATOR, 'system'],
    meaning: 'A member was removed; their sessions of the console ended.',
    webhook: false,
  },
  'role.created': { resource: 'role', by: OPERATOR, meaning: 'A role of the tenant was made.', webhook: false },
  'role.changed': { resource: 'role', by: OPERATOR, meaning: 'The permissions or the description of a role changed.', webhook: false },
  'role.removed': { resource: 'role', by: OPERATOR, meaning: 'A role of the tenant was removed.', webhook: false },
  'console.access_changed': {
    resource: 'console',
    by: [...OPERATOR, 'system'],
    meaning: 'The console asks otherwise who opens it.',
    webhook: false,
  },
  'project.created': { resource: 'project', by: OPERATOR, meaning: 'A project was made.', webhook: true },
  'project.changed': {
    resource: 'project',
    by: OPERATOR,
    meaning: 'Name, slug, external id or metadata of a project changed.',
    webhook: true,
  },
  'project.archived': { resource: 'project', by: OPERATOR, meaning: 'A project was archived; it is purged 30 days later.', webhook: true },
  'auth.enabled': { resource: 'project', by: OPERATOR, meaning: 'Auth was turned on for the project.', webhook: true },
  'auth.disabled': {
    resource: 'project',
    by: OPERATOR,
    meaning: 'Auth was turned off for the project; users and secret are kept.',
    webhook: true,
  },
  'auth.settings_changed': { resource: 'project', by: OPERATOR, meaning: 'Settings changed; `metadata.fields` names them.', webhook: true },
  'auth.rotation_started': { resource: 'project', by: OPERATOR, meaning: 'A staged rotation of the signing secret began.', webhook: true },
  'auth.rotation_cancelled': { resource: 'project', by: OPERATOR, meaning: 'A staged rotation was cancelled.', webhook: true },
  'auth.key_rotated': { resource: 'project', by: [...OPERATOR, 'system'], meaning: 'Another key signs from now on.', webhook: true },
  'auth.provider_configured': {
    resource: 'provider',
    by: OPERATOR,
    meaning: 'Client id and secret of a provider were set.',
    webhook: true,
  },
  'auth.provider_removed': { resource: 'provider', by: OPERATOR, meaning: 'A provider was removed.', webhook: true },
  'auth.captcha_configured': { resource: 'captcha', by: OPERATOR, meaning: 'The captcha was set.', webhook: true },
  'auth.captcha_removed': { resource: 'captcha', by: OPERATOR, meaning: 'The captcha was removed.', webhook: true },
  'mail.sender_configured': {
    resource: 'mail_sender',
    by: OPERATOR,
    meaning: 'The sender of a project or tenant was set; `metadata.kind` says which.',
    webhook: true,
  },
  'mail.sender_removed': { resource: 'mail_sender', by: OPERATOR, meaning: 'The sender of a project or tenant was removed.', webhook: true },
  'mail.sender_failing': {
    resource: 'mail_sender',
    by: ['system'],
    meaning: 'A sender is refused or reaches nobody; the next one takes over. `metadata.code` says why.',
    webhook: true,
  },
  'mail.sender_ready': {
    resource: 'mail_sender',
    by: ['system'],
    meaning: 'A sender works again, or its domain was verified.',
    webhook: true,
  },
  'mail.bounced': {
    resource: 'mail',
    by: ['system'],
    meaning: 'A mail came back for good; its address gets none until its owner proves it again.',
    webhook: true,
  },
  'mail.complained': {
    resource: 'mail',
    by: ['system'],
    meaning: 'A recipient reported a mail as spam; the same goes for the address.',
    webhook: true,
  },
  'mail.address_released': {
    resource: 'mail',
    by: OPERATOR,
    meaning: 'An operator let mails to a suppressed address go out again.',
    webhook: false,
  },
  'mail.template_changed': {
    resource: 'mail_template',
    by: OPERATOR,
    meaning: 'A project set or reset its own words for a mail; `metadata.template` and `metadata.locale` say which.',
    webhook: true,
  },
  'mail.template_failed': {
    resource: 'mail_template',
    by: ['system'],
    meaning: 'A template could not be rendered, so the mail went out in our words.',
    webhook: true,
  },
  'domain.added': {
    resource: 'domain',
    by: OPERATOR,
    meaning: 'A host name was announced; it serves nothing before its proof.',
    webhook: true,
  },
  'domain.verified': { resource: 'domain', by: OPERATOR, meaning: 'A host name was proved by DNS.', webhook: true },
  'webhook.created': { resource: 'webhook', by: OPERATOR, meaning: 'A webhook endpoint was made.', webhook: false },
  'webhook.changed': { resource: 'webhook', by: OPERATOR, meaning: 'A webhook endpoint was changed, turned off or on.', webhook: false },
  'webhook.removed': { resource: 'webhook', by: OPERATOR, meaning: 'A webhook endpoint was removed.', webhook: false },
  'webhook.secret_rotated': { resource: 'webhook', by: OPERATOR, meaning: 'A webhook endpoint got another secret.', webhook: false },
  'webhook.replayed': {
    resource: 'webhook',
    by: OPERATOR,
    meaning: 'Messages of a time range were sent again; `metadata.deliveries` says how many.',
    webhook: false,
  },
  'webhook.disabled': {
    resource: 'webhook',
    by: ['system'],
    meaning: 'A webhook endpoint took nothing for five days and was turned off.',
    webhook: true,
  },
  'domain.removed': { resource: 'domain', by: OPERATOR, meaning: 'A host name was removed.', webhook: true },
  'runtime_env.changed': {
    resource: 'project',
    by: OPERATOR,
    meaning: 'Variables of the runtime environment changed; names only.',
    webhook: true,
  },
  'instance.booted': {
    resource: 'instance',
    by: [...OPERATOR, 'system'],
    meaning: 'A runtime instance began, and was handed the environment with its secret.',
    webhook: false,
  },
  'runtime_env.read': {
    resource: 'project',
    by: OPERATOR,
    meaning: 'The runtime environment, with its secret, was handed out.',
    webhook: false,
  },
  ...ACCOUNT_EVENTS,
} as const satisfies Record<string, EventDefinition>

export type EventName = keyof typeof EVENTS
