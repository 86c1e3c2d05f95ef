/** What an event happened to; its id is `resource_id`. */
export type EventResource =
  | 'api_key'
  | 'captcha'
  | 'console'
  | 'domain'
  | 'end_user'
  | 'factor'
  | 'identity'
  | 'instance'
  | 'mail'
  | 'mail_template'
  | 'mail_sender'
  | 'mailed_link'
  | 'organization'
  | 'organization_role'
  | 'member'
  | 'project'
  | 'provider'
  | 'role'
  | 'session'
  | 'tenant'
  | 'webhook'

export interface EventDefinition {
  resource: EventResource
  /** Who does it: the end user, a platform user or their key, an anonymous caller, or the service by itself. */
  by: readonly ('end_user' | 'api_key' | 'platform_user' | 'anonymous' | 'system')[]
  meaning: string
  /** Whether a webhook may carry it. What is only of use to find an attacker stays in the audit log. */
  webhook: boolean
}

/** At the console or by an API key. */
const OPERATOR = ['api_key', 'platform_user'] as const

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
  'user.signed_up': { resource: 'end_user', by: ['end_user'], meaning: 'Somebody signed up.', webhook: true },
  'user.created': { resource: 'end_user', by: OPERATOR, meaning: 'An operator made a user.', webhook: true },
  'user.changed': {
    resource: 'end_user',
    by: OPERATOR,
    meaning: 'An operator changed a user; `metadata.fields` names what.',
    webhook: true,
  },
  'user.updated': { resource: 'end_user', by: ['end_user'], meaning: 'A user changed the own metadata.', webhook: true },
  'user.disabled': { resource: 'end_user', by: OPERATOR, meaning: 'A user was disabled; every session ended.', webhook: true },
  'user.enabled': { resource: 'end_user', by: OPERATOR, meaning: 'A user was enabled again.', webhook: true },
  'user.deleted': {
    resource: 'end_user',
    by: ['end_user', ...OPERATOR],
    meaning: 'A user was deleted with everything of theirs.',
    webhook: true,
  },
  'user.invited': { resource: 'end_user', by: OPERATOR, meaning: 'An address was invited.', webhook: true },
  'user.invitation_accepted': { resource: 'end_user', by: ['end_user'], meaning: 'An invitation was accepted.', webhook: true },
  'user.email_confirmed': { resource: 'end_user', by: ['end_user'], meaning: 'The address of an account was proven.', webhook: true },
  'user.email_change_requested': {
    resource: 'end_user',
    by: ['end_user'],
    meaning: 'A user asked to move to another address.',
    webhook: false,
  },
  'user.email_change_cancelled': {
    resource: 'end_user',
    by: ['end_user'],
    meaning: 'A waiting change of address was cancelled.',
    webhook: false,
  },
  'user.email_changed': { resource: 'end_user', by: ['end_user'], meaning: 'The account moved to another address.', webhook: true },
  'user.email_change_undone': {
    resource: 'end_user',
    by: ['end_user'],
    meaning: 'An address change was taken back by the old address.',
    webhook: true,
  },
  'user.password_changed': { resource: 'end_user', by: ['end_user'], meaning: 'A password was changed by its owner.', webhook: true },
  'user.password_reset': { resource: 'end_user', by: ['end_user'], meaning: 'A password was set by a mailed link.', webhook: true },
  'user.recovery_requested': { resource: 'end_user', by: OPERATOR, meaning: 'An operator mailed a way back in.', webhook: true },
  'user.recovered': { resource: 'end_user', by: ['end_user'], meaning: 'An account was opened by a recovery link.', webhook: true },
  'user.factors_reset': { resource: 'end_user', by: OPERATOR, meaning: 'An operator took every factor and passkey off.', webhook: true },
  'user.sessions_ended': { resource: 'end_user', by: ['end_user', ...OPERATOR], meaning: 'Every session of a user ended.', webhook: true },
  'user.exported': {
    resource: 'project',
    by: OPERATOR,
    meaning: 'People of the project were exported; `metadata.filtered_by` names what they were chosen by.',
    webhook: false,
  },
  'user.evicted': {
    resource: 'end_user',
    by: OPERATOR,
    meaning: 'An operator evicted an intruder: every way in, session and pending step is gone.',
    webhook: true,
  },
  'organization.created': { resource: 'organization', by: ['end_user', ...OPERATOR], meaning: 'An organization was made.', webhook: true },
  'organization.changed': {
    resource: 'organization',
    by: ['end_user', ...OPERATOR],
    meaning: 'An organization changed; `metadata.fields` names what.',
    webhook: true,
  },
  'organization.deleted': {
    resource: 'organization',
    by: ['end_user', ...OPERATOR],
    meaning: 'An organization was deleted; its people stay.',
    webhook: true,
  },
  'organization.member_added': {
    resource: 'organization',
    by: ['end_user', ...OPERATOR],
    meaning: 'Somebody joined; `metadata` names user and role.',
    webhook: true,
  },
  'organization.member_changed': {
    resource: 'organization',
    by: ['end_user', ...OPERATOR],
    meaning: 'A member got another role.',
    webhook: true,
  },
  'organization.member_removed': {
    resource: 'organization',
    by: ['end_user', ...OPERATOR],
    meaning: 'A member left or was taken out.',
    webhook: true,
  },
  'organization.member_invited': {
    resource: 'organization',
    by: ['end_user', ...OPERATOR],
    meaning: 'An address was invited.',
    webhook: true,
  },
  'organization.invitation_revoked': {
    resource: 'organization',
    by: ['end_user', ...OPERATOR],
    meaning: 'An invitation was taken back.',
    webhook: false,
  },
  'organization.transferred': { resource: 'organization', by: OPERATOR, meaning: 'Somebody became the only admin.', webhook: true },
  'organization.role_set': {
    resource: 'organization_role',
    by: OPERATOR,
    meaning: 'A role of organizations was made or changed.',
    webhook: false,
  },
  'organization.role_removed': {
    resource: 'organization_role',
    by: OPERATOR,
    meaning: 'A role of organizations was removed.',
    webhook: false,
  },
  'session.started': { resource: 'session', by: ['end_user'], meaning: 'A session began; `metadata.amr` says how.', webhook: true },
  'session.raised': { resource: 'session', by: ['end_user'], meaning: 'A session proved a second factor again.', webhook: false },
  'session.ended': { resource: 'session', by: ['end_user', ...OPERATOR], meaning: 'A session ended.', webhook: true },
  'session.refreshed_late': {
    resource: 'session',
    by: ['end_user'],
    meaning: 'A parent refresh token was answered after the grace time, since its child was never used.',
    webhook: false,
  },
  'session.reuse_detected': {
    resource: 'session',
    by: ['end_user'],
    meaning: 'A used refresh token came back, so its session ended (RFC 9700, 4.14.2).',
    webhook: true,
  },
  'sign_in.refused': {
    resource: 'end_user',
    by: ['anonymous', 'end_user'],
    meaning:
      'A sign-in was refused; `metadata.method` and `metadata.reason` say how and why. With a provider the resource is the `provider`.',
    webhook: false,
  },
  'factor.added': { resource: 'factor', by: ['end_user'], meaning: 'A second factor or passkey was added.', webhook: true },
  'factor.removed': { resource: 'factor', by: ['end_user'], meaning: 'A second factor or passkey was removed.', webhook: true },
  'factor.code_refused': { resource: 'end_user', by: ['end_user'], meaning: 'A code of a second factor was wrong.', webhook: false },
  'factor.recovery_code_used': {
    resource: 'end_user',
    by: ['end_user'],
    meaning: 'A recovery code took the place of a factor.',
    webhook: true,
  },
  'factor.recovery_codes_created': {
    resource: 'end_user',
    by: ['end_user'],
    meaning: 'New recovery codes replaced the old ones.',
    webhook: true,
  },
  'passkey.renamed': { resource: 'factor', by: ['end_user'], meaning: 'A passkey got another name.', webhook: false },
  'passkey.sign_count_regressed': {
    resource: 'factor',
    by: ['end_user'],
    meaning: 'A passkey counted backwards: perhaps a copy.',
    webhook: true,
  },
  'identity.linked': { resource: 'identity', by: ['end_user'], meaning: 'An account of a provider was linked.', webhook: true },
  'identity.unlinked': {
    resource: 'identity',
    by: ['end_user', ...OPERATOR],
    meaning: 'An account of a provider was unlinked.',
    webhook: true,
  },
  'link.opened_by_scanner': {
    resource: 'mailed_link',
    by: ['anonymous'],
    meaning: 'Something that is no person opened a mailed link; nothing was spent.',
    webhook: false,
  },
} as const satisfies Record<string, EventDefinition>

export type EventName = keyof typeof EVENTS
