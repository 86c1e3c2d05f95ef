// Written by tools/settings-reference from libs/kernel/settings/project-settings.ts: change that table and run `npm run generate`.

export interface SettingOption {
  /** Its name in the HTTP API. */
  setting: string
  /** Its option, without the two dashes. */
  option: string
  kind: 'yes_no' | 'choice' | 'integer' | 'duration' | 'text' | 'list'
  description: string
  choices?: readonly string[]
  least?: number
  most?: number
  default: unknown
}

export const SETTING_OPTIONS: readonly SettingOption[] = [
  {
    setting: 'allow_signups',
    option: 'allow-signups',
    kind: 'yes_no',
    description: 'Whether strangers may sign up.',
    default: true,
  },
  {
    setting: 'providers',
    option: 'providers',
    kind: 'list',
    description: 'Ways to sign in: email (password), magic_link, email_otp, passkey, google, github, microsoft, apple, gitlab, oidc:<name>.',
    default: ['email'],
  },
  {
    setting: 'signup_mode',
    option: 'signup-mode',
    kind: 'choice',
    description: 'instant: a token at once. private: the same answer for new and known addresses.',
    choices: ['instant', 'private'],
    default: 'instant',
  },
  {
    setting: 'require_email_confirmation',
    option: 'require-email-confirmation',
    kind: 'yes_no',
    description: 'No session before the address is confirmed.',
    default: false,
  },
  {
    setting: 'site_url',
    option: 'site-url',
    kind: 'text',
    description: 'Where mailed links lead.',
    default: null,
  },
  {
    setting: 'redirect_urls',
    option: 'redirect-url',
    kind: 'list',
    description: 'What redirect_to may be besides site_url, letter by letter: pages, hash routes, URLs of an app (myapp://callback); at most 100.',
    default: [],
  },
  {
    setting: 'allowed_origins',
    option: 'allowed-origin',
    kind: 'list',
    description: 'Browser origins that may call (CORS); empty: any origin, without credentials.',
    default: [],
  },
  {
    setting: 'token_algorithm',
    option: 'token-algorithm',
    kind: 'choice',
    description: 'Signs the access tokens. A change is a staged rotation.',
    choices: ['HS256', 'ES256'],
    default: 'HS256',
  },
  {
    setting: 'token_type_header',
    option: 'token-type-header',
    kind: 'choice',
    description: 'The typ of access tokens. JWT verifies in every library without an option; at+jwt is RFC 9068.',
    choices: ['JWT', 'at+jwt'],
    default: 'JWT',
  },
  {
    setting: 'token_audience',
    option: 'token-audience',
    kind: 'text',
    description: 'The aud of access tokens. null: they have none, so that no library asks for one.',
    default: null,
  },
  {
    setting: 'access_token_ttl_seconds',
    option: 'access-token-ttl',
    kind: 'duration',
    description: 'Life of an access token.',
    least: 60,
    most: 86400,
    default: 3600,
  },
  {
    setting: 'refresh_grace_seconds',
    option: 'refresh-grace',
    kind: 'duration',
    description: 'How long a refresh token whose child is unused gives that child to another user agent; the same user agent gets it at any age.',
    least: 0,
    most: 300,
    default: 30,
  },
  {
    setting: 'session_idle_seconds',
    option: 'session-idle',
    kind: 'duration',
    description: 'A session that is not used for so long has ended.',
    least: 300,
    most: 31536000,
    default: 2592000,
  },
  {
    setting: 'session_absolute_seconds',
    option: 'session-absolute',
    kind: 'duration',
    description: 'Longest life of a session, used or not; null: no end.',
    least: 300,
    most: 31536000,
    default: null,
  },
  {
    setting: 'max_active_sessions',
    option: 'max-active-sessions',
    kind: 'integer',
    description: 'Sessions a user may have at once; null: no limit.',
    least: 1,
    most: 1000,
    default: null,
  },
  {
    setting: 'session_limit_policy',
    option: 'session-limit-policy',
    kind: 'choice',
    description: 'What a sign-in beyond max_active_sessions does.',
    choices: ['end_oldest', 'refuse'],
    default: 'end_oldest',
  },
  {
    setting: 'refresh_token_transport',
    option: 'refresh-token-transport',
    kind: 'choice',
    description: 'cookie: the refresh token travels in an HttpOnly cookie that scripts cannot read.',
    choices: ['body', 'cookie'],
    default: 'body',
  },
  {
    setting: 'password_min_length',
    option: 'password-min-length',
    kind: 'integer',
    description: 'Characters that a new password needs.',
    least: 8,
    most: 64,
    default: 8,
  },
  {
    setting: 'mfa',
    option: 'mfa',
    kind: 'choice',
    description: 'Second factors. optional: asked of users who have one. required: every sign-in ends with one.',
    choices: ['off', 'optional', 'required'],
    default: 'off',
  },
  {
    setting: 'rp_id',
    option: 'rp-id',
    kind: 'text',
    description: 'WebAuthn relying party id; null: the host of site_url.',
    default: null,
  },
  {
    setting: 'confirm_in_same_browser',
    option: 'confirm-in-same-browser',
    kind: 'yes_no',
    description: 'A new password account is confirmed by the API only with its password or the mailed code; our own page always asks for one of them.',
    default: false,
  },
  {
    setting: 'relink_by_address',
    option: 'relink-by-address',
    kind: 'yes_no',
    description: 'An account of a provider that its owner disconnected may join again by its vouched address alone; else only by connecting it again.',
    default: false,
  },
  {
    setting: 'invited_only',
    option: 'invited-only',
    kind: 'yes_no',
    description: 'Sign-up only for invited addresses.',
    default: false,
  },
  {
    setting: 'email_domains_allowed',
    option: 'email-domain-allowed',
    kind: 'list',
    description: 'Domains whose addresses may sign up, subdomains included; empty: all but the blocked ones.',
    default: [],
  },
  {
    setting: 'email_domains_blocked',
    option: 'email-domain-blocked',
    kind: 'list',
    description: 'Domains whose addresses may not sign up, subdomains included.',
    default: [],
  },
  {
    setting: 'block_disposable_email',
    option: 'block-disposable-email',
    kind: 'yes_no',
    description: 'Refuses sign-ups from known throw-away mail domains.',
    default: false,
  },
]
