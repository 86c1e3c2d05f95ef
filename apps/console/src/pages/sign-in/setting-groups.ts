import type { SettingSchema } from './setting-schema.js'

export interface SettingGroup {
  id: string
  title: string
  lead: string
  names: string[]
}

export const GROUPS: SettingGroup[] = [
  {
    id: 'ways-in',
    title: 'Ways in',
    lead: 'How people prove who they are.',
    names: ['providers', 'mfa', 'password_min_length', 'leaked_password_url', 'rp_id', 'relink_by_address', 'new_device_mail'],
  },
  {
    id: 'sign-up',
    title: 'Who may sign up',
    lead: 'Strangers, invited people, or some domains only.',
    names: [
      'allow_signups',
      'invited_only',
      'signup_mode',
      'require_email_confirmation',
      'confirm_in_same_browser',
      'email_domains_allowed',
      'email_domains_blocked',
      'block_disposable_email',
      'captcha',
      'max_people',
      'max_monthly_active',
    ],
  },
  {
    id: 'sessions',
    title: 'Sessions',
    lead: 'How long somebody stays signed in, and in how many places.',
    names: [
      'session_idle_seconds',
      'session_absolute_seconds',
      'max_active_sessions',
      'session_limit_policy',
      'refresh_token_transport',
      'refresh_grace_seconds',
    ],
  },
  {
    id: 'tokens',
    title: 'Tokens',
    lead: 'What the app’s server checks.',
    names: ['access_token_ttl_seconds', 'token_algorithm', 'token_type_header', 'token_issuer', 'token_audience', 'token_claims'],
  },
  {
    id: 'addresses',
    title: 'Addresses',
    lead: 'Where mails and sign-ins may lead, and which pages may call.',
    names: ['site_url', 'redirect_urls', 'allowed_origins'],
  },
  {
    id: 'pages',
    title: 'Pages and mail',
    lead: 'What Portico’s own pages do, and from whom mails are; how they look is on a page of its own.',
    names: ['sign_in_gate', 'mail_links', 'mail_from_name', 'mail_reply_to', 'default_locale'],
  },
  {
    id: 'companies',
    title: 'Companies',
    lead: 'Organizations in the app, and people whom a directory keeps.',
    names: ['organizations', 'organization_roles', 'directory_delete_after_days'],
  },
  { id: 'limits', title: 'Limits', lead: 'How often something may be tried before Portico says no.', names: ['limits'] },
]

// A console of yesterday beside a control plane of today: what it does not know yet.
const OTHER: SettingGroup = { id: 'other', title: 'More', lead: 'Everything else that this version has.', names: [] }

/** On a page of their own. */
export const ELSEWHERE: readonly string[] = ['branding']

/** Each setting in its group; what no group names stands in the last one, so that none is ever missing. */
export function grouped(settings: SettingSchema[]): { group: SettingGroup; settings: SettingSchema[] }[] {
  const byName = new Map(settings.map((setting) => [setting.name, setting]))
  const named = new Set([...ELSEWHERE, ...GROUPS.flatMap(({ names }) => names)])
  const groups = GROUPS.map((group) => ({ group, settings: group.names.flatMap((name) => byName.get(name) ?? []) }))
  return [...groups, { group: OTHER, settings: settings.filter(({ name }) => !named.has(name)) }].filter(
    ({ settings: some }) => some.length > 0,
  )
}

const TITLES: Record<string, string> = {
  mfa: 'Second factors',
  rp_id: 'Passkey domain',
  site_url: 'Site URL',
  redirect_urls: 'Redirect URLs',
  providers: 'Ways to sign in',
  allow_signups: 'Anyone may sign up',
  signup_mode: 'What sign-up tells',
  captcha: 'Captcha',
  password_min_length: 'Shortest password',
  leaked_password_url: 'Leaked passwords',
  new_device_mail: 'Mail on a new device',
  relink_by_address: 'Connect again by address',
  require_email_confirmation: 'Confirm the address first',
  confirm_in_same_browser: 'Confirm in the same browser',
  block_disposable_email: 'Block throw-away addresses',
  email_domains_allowed: 'Only these domains',
  email_domains_blocked: 'Not these domains',
  session_idle_seconds: 'Unused sessions end after',
  session_absolute_seconds: 'All sessions end after',
  max_active_sessions: 'Sessions at once',
  session_limit_policy: 'Beyond that',
  refresh_token_transport: 'Where the refresh token travels',
  refresh_grace_seconds: 'Grace for a lost answer',
  access_token_ttl_seconds: 'Life of an access token',
  token_algorithm: 'Algorithm',
  token_type_header: 'Type header',
  token_issuer: 'Issuer',
  token_audience: 'Audience',
  token_claims: 'Claims',
  sign_in_gate: 'Whether the pages show themselves',
  mail_links: 'Where links of mails lead',
  mail_from_name: 'Name of the sender',
  mail_reply_to: 'Answers go to',
  default_locale: 'Language',
  max_people: 'People at most',
  max_monthly_active: 'Active in a month at most',
  organization_roles: 'Who makes roles',
  directory_delete_after_days: 'Deleted after a directory removed them',
}

export function titleOf(name: string): string {
  const text = name.replaceAll('_', ' ').replace(/ seconds$/, '')
  return TITLES[name] ?? text[0]!.toUpperCase() + text.slice(1)
}

export const isSeconds = (name: string): boolean => name.endsWith('_seconds')
