import { DAY_SECONDS } from '../duration.js'
import { LOCALES } from '../locales.js'
import { ABUSE_SETTINGS } from './abuse-settings.js'
import { branding } from './branding.js'
import {
  audience,
  domainName,
  domainNames,
  integer,
  mailAddress,
  mailName,
  oneOf,
  orNone,
  origins,
  redirectUrls,
  seconds,
  siteUrl,
  tokenClaims,
  yesOrNo,
} from './kinds.js'
import { DEFAULT_LIMITS, limits } from './limits.js'
import { providers } from './providers.js'
import { setting, type Setting } from './setting.js'

/**
 * Every setting of a project, once: the type, the check, the defaults, the OpenAPI schemas, `docs/settings.md` and the options of the
 * command line are made from this table (`npm run generate`).
 */
export const SETTINGS = {
  allow_signups: setting({
    kind: yesOrNo,
    default: true,
    description: 'Whether strangers may sign up.',
    since: '0.1',
    synonyms: ['signup_enabled', 'allowSignups'],
  }),
  providers: setting({
    kind: providers,
    default: ['email'],
    description: 'Ways to sign in: `email` (password), `magic_link`, `email_otp`, `passkey`, `google`, `github`, `microsoft`, `apple`, `gitlab`, `oidc:<name>`.',
    since: '0.1',
    synonyms: ['provider'],
  }),
  signup_mode: setting({
    kind: oneOf('instant', 'private'),
    default: 'instant',
    description: '`instant`: a token at once. `private`: the same answer for new and known addresses.',
    since: '0.1',
  }),
  require_email_confirmation: setting({
    kind: yesOrNo,
    default: false,
    description: 'No session before the address is confirmed.',
    since: '0.1',
    synonyms: ['email_confirm_required'],
  }),
  default_locale: setting({
    kind: oneOf(...LOCALES),
    default: 'en',
    description: 'Language of pages and mails for whom neither address, user nor browser says another.',
    since: '0.2',
  }),
  mail_from_name: setting({
    kind: orNone(mailName),
    default: null,
    description: 'Shown as the sender of mails, before the address of whichever sender takes them.',
    since: '0.2',
  }),
  mail_reply_to: setting({ kind: orNone(mailAddress), default: null, description: 'Where answers to mails go; `null`: to the sender.', since: '0.2' }),
  site_url: setting({ kind: orNone(siteUrl), default: null, description: 'Where the app is: where people go back to from our pages.', since: '0.1' }),
  mail_links: setting({
    kind: oneOf('hosted', 'app'),
    default: 'hosted',
    description: 'Where a mailed link leads without a `redirect_to`: `hosted`, our own page; `app`, `site_url`, which has to handle every kind of link.',
    since: '0.2',
  }),
  sign_in_gate: setting({
    kind: oneOf('auto', 'required', 'disabled'),
    default: 'auto',
    description: 'Hosted pages for sign-in, sign-up and account. `required`: the app shows nothing to strangers (for its middleware). `disabled`: there are none.',
    since: '0.2',
  }),
  branding: setting({
    kind: branding,
    default: {},
    description: 'How hosted pages look: name, colours, radius, font, links. A change replaces the whole object.',
    since: '0.2',
  }),
  redirect_urls: setting({
    kind: redirectUrls,
    default: [],
    description: 'What `redirect_to` may be besides `site_url`, letter by letter: pages, hash routes, URLs of an app (`myapp://callback`); at most 100.',
    since: '0.1',
    option: 'redirect-url',
  }),
  allowed_origins: setting({
    kind: origins,
    default: [],
    description: 'Browser origins that may call (CORS); empty: any origin, without credentials.',
    since: '0.1',
    option: 'allowed-origin',
  }),
  token_algorithm: setting({
    kind: oneOf('HS256', 'ES256'),
    default: 'HS256',
    description: 'Signs the access tokens. A change is a staged rotation.',
    since: '0.1',
  }),
  token_type_header: setting({
    kind: oneOf('JWT', 'at+jwt'),
    default: 'JWT',
    description: 'The `typ` of access tokens. `JWT` verifies in every library without an option; `at+jwt` is RFC 9068.',
    since: '0.2',
  }),
  token_issuer: setting({
    kind: oneOf('platform', 'main_domain'),
    default: 'platform',
    description: 'The `iss` of access tokens, and `AUTH_URL` of the environment: the address below ours, or the main verified domain (docs/own-domain.md).',
    since: '0.3',
  }),
  token_audience: setting({
    kind: orNone(audience),
    default: null,
    description: 'The `aud` of access tokens. `null`: they have none, so that no library asks for one.',
    since: '0.2',
  }),
  token_claims: setting({
    kind: tokenClaims,
    default: [],
    description: 'What access tokens say besides: `app_metadata` (what operators wrote of the person, at most 2 KiB), as it was when the token was made.',
    since: '0.2',
    option: 'token-claim',
  }),
  access_token_ttl_seconds: setting({
    kind: seconds(60, DAY_SECONDS),
    default: 3_600,
    description: 'Life of an access token.',
    since: '0.1',
    synonyms: ['token_expiry_sec'],
  }),
  refresh_grace_seconds: setting({
    kind: seconds(0, 300),
    default: 30,
    description: 'How long a refresh token whose child is unused gives that child to another user agent; the same user agent gets it at any age.',
    since: '0.1',
  }),
  session_idle_seconds: setting({
    kind: seconds(300, 365 * DAY_SECONDS),
    default: 30 * DAY_SECONDS,
    description: 'A session that is not used for so long has ended.',
    since: '0.1',
  }),
  session_absolute_seconds: setting({
    kind: orNone(seconds(300, 365 * DAY_SECONDS)),
    default: null,
    description: 'Longest life of a session, used or not; `null`: no end.',
    since: '0.1',
  }),
  max_active_sessions: setting({ kind: orNone(integer(1, 1_000)), default: null, description: 'Sessions a user may have at once; `null`: no limit.', since: '0.1' }),
  max_people: setting({ kind: orNone(integer(1, 100_000_000)), default: null, description: 'People the project may have: then sign-ups pause (within 15 s), log-ins never; `null`: no limit.', since: '0.2' }),
  max_monthly_active: setting({ kind: orNone(integer(1, 100_000_000)), default: null, description: 'People active in a month of UTC: then sign-ups pause until the next, log-ins never; `null`: no limit.', since: '0.2' }),
  session_limit_policy: setting({
    kind: oneOf('end_oldest', 'refuse'),
    default: 'end_oldest',
    description: 'What a sign-in beyond `max_active_sessions` does.',
    since: '0.1',
  }),
  refresh_token_transport: setting({
    kind: oneOf('body', 'cookie'),
    default: 'body',
    description: '`cookie`: the refresh token travels in an HttpOnly cookie that scripts cannot read.',
    since: '0.1',
  }),
  password_min_length: setting({ kind: integer(8, 64), default: 8, description: 'Characters that a new password needs.', since: '0.1' }),
  mfa: setting({
    kind: oneOf('off', 'optional', 'required'),
    default: 'off',
    description: 'Second factors. `optional`: asked of users who have one. `required`: every sign-in ends with one.',
    since: '0.1',
  }),
  rp_id: setting({ kind: orNone(domainName), default: null, description: 'WebAuthn relying party id; `null`: the host of `site_url`.', since: '0.1' }),
  confirm_in_same_browser: setting({
    kind: yesOrNo,
    default: false,
    description: 'A new password account is confirmed by the API only with its password or the mailed code; our own page always asks for one of them.',
    since: '0.1',
  }),
  relink_by_address: setting({
    kind: yesOrNo,
    default: false,
    description: 'An account of a provider that its owner disconnected may join again by its vouched address alone; else only by connecting it again.',
    since: '0.1',
  }),
  organizations: setting({
    kind: oneOf('off', 'managed', 'self_service'),
    default: 'off',
    description: 'Organizations inside the project. `managed`: operators make them, people use them. `self_service`: people make their own too.',
    since: '0.3',
  }),
  organization_roles: setting({
    kind: oneOf('project', 'organization'),
    default: 'project',
    description:
      'Who says what roles in organizations permit. `project`: operators alone. `organization`: the admins of each make roles of its own too, of the permissions that the project’s roles have.',
    since: '0.4',
  }),
  directory_delete_after_days: setting({
    kind: orNone(integer(0, 3_650)),
    default: null,
    description: 'When the account of somebody whom a directory (SCIM) deleted is deleted; 0: at once; `null`: never, it stays disabled.',
    since: '0.3',
  }),
  invited_only: setting({ kind: yesOrNo, default: false, description: 'Sign-up only for invited addresses.', since: '0.1' }),
  email_domains_allowed: setting({
    kind: domainNames,
    default: [],
    description: 'Domains whose addresses may sign up, subdomains included; empty: all but the blocked ones.',
    since: '0.1',
    option: 'email-domain-allowed',
  }),
  email_domains_blocked: setting({
    kind: domainNames,
    default: [],
    description: 'Domains whose addresses may not sign up, subdomains included.',
    since: '0.1',
    option: 'email-domain-blocked',
  }),
  ...ABUSE_SETTINGS,
  limits: setting({
    kind: limits,
    default: DEFAULT_LIMITS,
    description: 'Limit buckets. A change is merged bucket by bucket; `null` restores the default of one.',
    since: '0.1',
  }),
}

type Table = typeof SETTINGS
export type SettingName = keyof Table

/** A project's one settings object, in canonical wire names. */
export type ProjectSettings = { [N in SettingName]: Table[N] extends Setting<infer T> ? T : never }

export const DEFAULT_SETTINGS = Object.fromEntries(
  Object.entries(SETTINGS).map(([name, definition]) => [name, definition.default]),
) as ProjectSettings
