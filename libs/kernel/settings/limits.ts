import { DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS } from '../duration.js'
import { limit, type Kind, type Limit } from './kinds.js'

const QUARTER_HOUR = 15 * MINUTE_SECONDS

/** Every limit bucket of a project: its default, and what is counted. */
export const LIMITS = {
  login_account: { points: 10, window_seconds: QUARTER_HOUR, counts: 'password logins for one address' },
  login_client: { points: 20, window_seconds: QUARTER_HOUR, counts: 'failed password logins from one client address' },
  signup_client: { points: 20, window_seconds: QUARTER_HOUR, counts: 'sign-ups from one client address' },
  reset_account: { points: 5, window_seconds: QUARTER_HOUR, counts: 'password resets for one address' },
  reset_client: { points: 20, window_seconds: QUARTER_HOUR, counts: 'password resets from one client address' },
  mail_account: { points: 1, window_seconds: MINUTE_SECONDS, counts: 'mails of one purpose to one address' },
  mail_client: { points: 20, window_seconds: QUARTER_HOUR, counts: 'mails asked for from one client address' },
  mail_project: { points: 10_000, window_seconds: DAY_SECONDS, counts: 'mails of the project' },
  code_account: { points: 15, window_seconds: QUARTER_HOUR, counts: 'guesses of mailed codes for one address' },
  factor_account: { points: 5, window_seconds: QUARTER_HOUR, counts: 'guesses of second factors of one user' },
  factor_client: { points: 300, window_seconds: QUARTER_HOUR, counts: 'guesses of second factors from one client address' },
  token_client: { points: 30, window_seconds: QUARTER_HOUR, counts: 'mailed tokens tried from one client address' },
  change_account: { points: 120, window_seconds: QUARTER_HOUR, counts: 'changes that one signed-in user makes' },
  email_change_account: { points: 5, window_seconds: HOUR_SECONDS, counts: 'changes of address that one user asks for' },
  oauth_client: { points: 60, window_seconds: QUARTER_HOUR, counts: 'sign-ins with a provider that are started from one client address' },
  sso_client: { points: 20, window_seconds: MINUTE_SECONDS, counts: 'single sign-on requests from one client address' },
  password_check_client: { points: 120, window_seconds: QUARTER_HOUR, counts: 'passwords rated for one client address' },
} as const satisfies Record<string, Limit & { counts: string }>

export type LimitName = keyof typeof LIMITS
export const LIMIT_NAMES = Object.keys(LIMITS) as LimitName[]

export const DEFAULT_LIMITS = Object.fromEntries(
  Object.entries(LIMITS).map(([name, { points, window_seconds }]) => [name, { points, window_seconds }]),
) as Record<LimitName, Limit>

/** Some of the buckets; `null` for one restores its default. */
export const limits: Kind<Record<LimitName, Limit>> = {
  check: (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return { problem: 'must be an object' }
    const read: Record<string, Limit | null> = {}
    for (const [name, setting] of Object.entries(value)) {
      if (!Object.hasOwn(LIMITS, name)) return { problem: `knows only ${LIMIT_NAMES.join(', ')}` }
      const checked = setting === null ? { value: null } : limit.check(setting)
      if ('problem' in checked) return { problem: `${name} ${checked.problem}` }
      read[name] = checked.value
    }
    return { value: read as Record<LimitName, Limit> }
  },
  schema: {
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(LIMITS).map(([name, { points, window_seconds, counts }]) => [
        name,
        { ...limit.schema, description: `${counts[0]!.toUpperCase()}${counts.slice(1)}; ${points} in ${window_seconds} s unless set.` },
      ]),
    ),
    required: LIMIT_NAMES,
  },
  option: null,
}
