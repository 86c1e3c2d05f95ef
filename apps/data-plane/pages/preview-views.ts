import type { PreviewedPage } from '@portico/tokens/page-preview'
import { accountView } from './account/account.view.js'
import { signedOutView } from './account/signed-out.view.js'
import { html } from '@portico/http/html-page'
import { enrolView, recoveryCodesView } from './hosted/enrol.view.js'
import { organizationView } from './hosted/organization.view.js'
import { inboxView, secondFactorView, signInView } from './hosted/sign-in.view.js'
import { forgotView, signUpView } from './hosted/sign-up.view.js'
import type { Visit } from './hosted/visit.js'
import type { Content } from './look/frame.js'
import { askPage, failedPage } from './mail-page.js'
import { invitationPage, magicLinkPage } from './sign-in-pages.js'

const EMAIL = 'ada@example.com'
const SINCE = new Date('2026-01-31T12:00:00Z')
const NOTHING = '00000000-0000-4000-8000-000000000000'

/** Each page as somebody made up would see it. */
export const PREVIEWS: Readonly<Record<PreviewedPage, (visit: Visit) => Content>> = {
  'sign-in': (visit) => signInView(visit, { passkeys: true }),
  'sign-up': (visit) => signUpView(visit, { email: '' }),
  forgot: (visit) => forgotView(visit, { email: '' }),
  inbox: (visit) => inboxView(visit, { email: EMAIL }),
  'second-step': (visit) => secondFactorView(visit, { mfaToken: '', passkey: true, code: true, recovery: false }),
  enrol: (visit) => enrolView(visit, { mfaToken: '', passkeys: true }),
  'recovery-codes': (visit) => recoveryCodesView(visit, ['3f7k-q2vd', '9m4x-t6ha', 'c8rn-w5pe', 'b2gy-z7ls'], html``),
  organization: (visit) =>
    organizationView(visit, {
      organizations: [{ id: NOTHING, name: 'Acme' }],
      invitations: [{ id: NOTHING, organizationName: 'Blue Bakery' }],
      email: EMAIL,
    }),
  account: (visit) => accountView(visit, ACCOUNT),
  'signed-out': signedOutView,
  reset: (visit) => askPage(visit, 'password_reset', ''),
  confirm: (visit) => askPage(visit, 'email_confirm', ''),
  invitation: (visit) => {
    const { password_min_length: minPasswordLength } = visit.project.settings
    return invitationPage(visit, { token: '', password: true, minPasswordLength, providers: [] })
  },
  'magic-link': (visit) => magicLinkPage(visit, '', []),
  'link-gone': (visit) => failedPage(visit, visit.say('link_state.expired'), 200, visit.newLink('password_reset')),
}

const ACCOUNT: Parameters<typeof accountView>[1] = {
  account: {
    user: {
      id: NOTHING,
      email: EMAIL,
      emailTyped: EMAIL,
      emailVerifiedAt: SINCE,
      metadata: {},
      appMetadata: {},
      disabledAt: null,
      createdAt: SINCE,
      updatedAt: SINCE,
      lastSignInAt: SINCE,
    },
    pendingEmail: null,
    identities: [],
    factors: [],
  },
  sessions: [{ id: NOTHING, createdAt: SINCE, lastUsedAt: SINCE, ip: null, userAgent: null, amr: ['pwd'] }],
  passkeys: [],
  recoveryCodesLeft: 0,
  organizations: null,
  currentSession: NOTHING,
  hasPassword: true,
  fresh: true,
  canMakePasskeys: true,
}
