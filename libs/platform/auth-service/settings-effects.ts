import type { ProjectSettings, SettingName } from '@portico/kernel/settings/project-settings'
import type { Facts } from '../records/settings-facts.view.js'

/** What one change does; `count` is of people or sessions, as `kind` says. */
export interface Effect {
  kind: string
  count: number | null
  text: string
}

export interface Judged {
  before: ProjectSettings
  after: ProjectSettings
  facts: Facts
  /** Hosts that passkeys are for, before and after. */
  relyingParty: { before: string | null; after: string | null }
  /** Who would have no way in left. */
  stranded: number
}

type EffectsOf = (judged: Judged) => Effect[]

/** Nobody who is there and no session notices; `text` says what the setting decides from then on. */
const fromNowOn =
  (text: string): EffectsOf =>
  () => [{ kind: 'from_now_on', count: null, text }]

const some = (count: number, kind: string, text: string): Effect[] => (count === 0 ? [] : [{ kind, count, text }])
const of = (count: number, one: string, many: string): string => `${count.toLocaleString('en')} ${count === 1 ? one : many}`
const people = (count: number): string => of(count, 'person', 'people')
const one = (count: number): boolean => count === 1
/** With what one of them does, and several do. */
const sessions = (count: number, does = '', manyDo = does): string => of(count, `session ${does}`.trim(), `sessions ${manyDo}`.trim())

const nextToken =
  (what: string): EffectsOf =>
  ({ facts }) => [
    {
      kind: 'next_token',
      count: facts.sessions,
      text: `${what} from the next access token on: ${sessions(facts.sessions, 'gets one when it refreshes', 'get one when they refresh')}.`,
    },
  ]

/**
 * What a change of each setting does to people, sessions and instances that are there. The type asks for every setting: a new one says
 * what it does here, or that it does nothing to anybody who is there.
 */
export const EFFECTS: Record<SettingName, EffectsOf> = {
  allow_signups: ({ after }) => [
    {
      kind: 'from_now_on',
      count: null,
      text: after.allow_signups ? 'Strangers may sign up.' : 'Strangers may no longer sign up; whoever has an account signs in as before.',
    },
  ],
  providers: (judged) => [...waysThatCome(judged), ...waysThatGo(judged), ...peopleLeft(judged)],
  signup_mode: fromNowOn('Decides how sign-ups are answered.'),
  require_email_confirmation: ({ after, facts }) =>
    after.require_email_confirmation
      ? some(
          facts.unconfirmed,
          'people_must_confirm',
          `${people(facts.unconfirmed)} must confirm the address before the next sign-in; their sessions go on.`,
        )
      : some(facts.unconfirmed, 'people_may_enter', `${people(facts.unconfirmed)} with an unconfirmed address may sign in.`),
  site_url: (judged) => [
    { kind: 'from_now_on', count: null, text: 'Our pages lead back there, and mailed links where `mail_links` is `app`.' },
    ...passkeysThatMove(judged),
    ...peopleLeft(judged),
  ],
  default_locale: fromNowOn('The language of pages and mails for people who named none.'),
  mail_links: fromNowOn('Decides where the links of the next mails lead.'),
  sign_in_gate: fromNowOn('Decides whether there are hosted pages; sessions go on.'),
  branding: fromNowOn('The look of hosted pages.'),
  mail_from_name: fromNowOn('The name that mails come from.'),
  mail_reply_to: fromNowOn('Where answers to mails go.'),
  redirect_urls: ({ before, after }) => {
    const gone = before.redirect_urls.filter((url) => !after.redirect_urls.includes(url)).length
    return some(
      gone,
      'redirects_refused',
      `${of(gone, 'URL is', 'URLs are')} refused as \`redirect_to\`, also of sign-ins and mails that are under way.`,
    )
  },
  allowed_origins: ({ before, after }) => {
    const gone = before.allowed_origins.filter((origin) => !after.allowed_origins.includes(origin)).length
    const first = before.allowed_origins.length === 0 && after.allowed_origins.length > 0
    if (first)
      return [
        { kind: 'origins_refused', count: null, text: 'Browsers may call from the named origins only; from any other they are refused.' },
      ]
    return some(gone, 'origins_refused', `${of(gone, 'origin', 'origins')} may no longer call from a browser.`)
  },
  token_algorithm: ({ facts }) => [
    {
      kind: 'rotation_starts',
      count: facts.instances,
      text: `A staged rotation of the signing key begins; ${of(facts.instances, 'instance is', 'instances are')} waited for. No token is refused.`,
    },
  ],
  token_type_header: nextToken('The header `typ` is another'),
  token_issuer: nextToken('The claim `iss` and `AUTH_URL` are others, once there is a verified domain. Apps that check `iss` must know both'),
  token_audience: nextToken('The claim `aud` is another'),
  token_claims: nextToken('The claims are others'),
  access_token_ttl_seconds: (judged) =>
    judged.after.access_token_ttl_seconds < judged.before.access_token_ttl_seconds
      ? some(
          judged.facts.sessions,
          'tokens_refused',
          `Access tokens that were made for longer are refused at once; ${sessions(judged.facts.sessions, 'goes', 'go')} on with a refresh.`,
        )
      : nextToken('The life is longer')(judged),
  refresh_grace_seconds: fromNowOn('Decides about refresh tokens that are presented twice.'),
  session_idle_seconds: ({ facts }) => [
    ...some(facts.sessionsThatEnd, 'sessions_end', `${sessions(facts.sessionsThatEnd, 'ends', 'end')}: not used for so long.`),
    ...some(
      facts.sessionsThatComeBack,
      'sessions_come_back',
      `${sessions(facts.sessionsThatComeBack)} that had gone idle may be used again.`,
    ),
  ],
  session_absolute_seconds: fromNowOn('Sessions that are there keep the end that they began with.'),
  max_active_sessions: (judged) => sessionsOverTheLimit(judged),
  max_people: fromNowOn('Sign-ups pause when so many people are there; nobody is logged out, and log-ins go on.'),
  max_monthly_active: fromNowOn('Sign-ups pause when so many were active in a month; nobody is logged out, and log-ins go on.'),
  session_limit_policy: (judged) => sessionsOverTheLimit(judged),
  refresh_token_transport: ({ after, facts }) => [
    {
      kind: 'apps_must_follow',
      count: facts.sessions,
      text:
        after.refresh_token_transport === 'cookie'
          ? `Refresh tokens travel in a cookie. ${sessions(facts.sessions, 'goes', 'go')} on with the present token until the next refresh brings the cookie.`
          : `Refresh tokens travel in bodies. ${sessions(facts.sessions, 'goes', 'go')} on with the present cookie until the next refresh brings a token.`,
    },
  ],
  password_min_length: fromNowOn('Passwords that are set stay; the next ones must be as long.'),
  leaked_password_url: fromNowOn('Passwords that are set stay; the next ones are looked up there, and refused where they have leaked.'),
  new_device_mail: fromNowOn('Counts sessions that begin from now on; the first one of each person is mailed to nobody.'),
  mfa: ({ before, after, facts }) => {
    if (after.mfa === 'required') {
      return [
        ...some(
          facts.withoutFactor,
          'people_enrol',
          `${facts.withoutFactor.toLocaleString('en')} of ${people(facts.people)} will be asked to enrol at the next sign-in.`,
        ),
        ...some(
          facts.sessionsWithoutFactor,
          'sessions_without_factor',
          `${sessions(facts.sessionsWithoutFactor)} without a second factor ${one(facts.sessionsWithoutFactor) ? 'goes on until it ends' : 'go on until they end'}.`,
        ),
      ]
    }
    const enrolled = facts.people - facts.withoutFactor
    if (after.mfa === 'off')
      return some(
        enrolled,
        'factors_not_asked',
        `${people(enrolled)} with a second factor will no longer be asked for it; the factors are kept.`,
      )
    return before.mfa === 'off'
      ? some(enrolled, 'factors_asked', `${people(enrolled)} with a second factor will be asked for it at the next sign-in.`)
      : []
  },
  rp_id: (judged) => [...passkeysThatMove(judged), ...peopleLeft(judged)],
  confirm_in_same_browser: fromNowOn('Decides about confirmations; links that are mailed already follow it too.'),
  relink_by_address: fromNowOn('Decides about sign-ins with an account that was disconnected.'),
  directory_delete_after_days: fromNowOn('Counts for people whom a directory deletes from now on.'),
  organizations: (judged) =>
    judged.after.organizations === 'off'
      ? nextToken('There is no organization in it')(judged)
      : [{ kind: 'from_now_on', count: null, text: 'Decides about organizations from now on.' }],
  organization_roles: fromNowOn('Decides about roles that are made or changed from now on; those that are there stay.'),
  invited_only: fromNowOn('Decides about sign-ups; whoever has an account signs in as before.'),
  email_domains_allowed: fromNowOn('Decides about sign-ups; people with another domain who have an account keep it.'),
  email_domains_blocked: fromNowOn('Decides about sign-ups; people with such a domain who have an account keep it.'),
  block_disposable_email: fromNowOn('Decides about sign-ups; whoever has an account keeps it.'),
  captcha: fromNowOn('Browsers are asked to solve it from the next request on.'),
  limits: fromNowOn('Counts from the next request on; what has been counted stays.'),
}

function waysThatCome({ before, after }: Judged): Effect[] {
  const come = after.providers.filter((provider) => !before.providers.includes(provider))
  return come.map((provider) => ({ kind: 'way_in_comes', count: null, text: `People may sign in with \`${provider}\`.` }))
}

function waysThatGo({ before, after, facts }: Judged): Effect[] {
  const gone = before.providers.filter((provider) => !after.providers.includes(provider))
  return gone.map((provider) => {
    const count = facts.holders.get(provider) ?? 0
    return { kind: 'way_in_goes', count, text: `${people(count)} can no longer sign in with \`${provider}\`; their sessions go on.` }
  })
}

function peopleLeft({ stranded }: Judged): Effect[] {
  return some(stranded, 'people_without_way_in', `${people(stranded)} would have no way in left. It takes \`force\`.`)
}

function passkeysThatMove({ relyingParty, facts }: Judged): Effect[] {
  if (relyingParty.before === null || relyingParty.before === relyingParty.after) return []
  const to = relyingParty.after === null ? 'no domain' : `\`${relyingParty.after}\``
  const text = `Passkeys are for \`${relyingParty.before}\` and would be for ${to}: those of ${people(facts.withPasskeyOfNow)} stop working.`
  return some(facts.withPasskeyOfNow, 'passkeys_stranded', text)
}

function sessionsOverTheLimit({ after, facts }: Judged): Effect[] {
  if (after.max_active_sessions === null) return []
  const then =
    after.session_limit_policy === 'refuse' ? 'cannot sign in again before one has ended' : 'lose the oldest ones at the next sign-in'
  const over = facts.peopleOverTheLimit
  return some(
    over,
    'people_over_limit',
    `${of(over, 'person has', 'people have')} more than ${of(after.max_active_sessions, 'session', 'sessions')} and ${then}.`,
  )
}
