import type { Locale } from './locales.js'

/** What happened to an account that its owner hears of by mail. The texts belong to the template of the notice, never to a row. */
export const SECURITY_NOTICES = [
  'sessions_ended',
  'session_reuse_detected',
  'email_changed',
  'email_change_requested',
  'password_removed',
  'factor_added',
  'factor_removed',
  'passkey_added',
  'passkey_removed',
  'recovery_codes_created',
  'recovery_code_used',
  'identity_linked',
  'identity_unlinked',
  'factors_reset',
  'evicted',
  'account_deleted',
  'certificate_expiring',
  'webhook_disabled',
] as const

export type SecurityNotice = (typeof SECURITY_NOTICES)[number]

/** A connection and the day on which a certificate of it runs out; a webhook endpoint and the day since which it takes nothing. */
export interface NoticeAbout {
  connection: string
  date: string
}

export function isSecurityNotice(name: string): name is SecurityNotice {
  return (SECURITY_NOTICES as readonly string[]).includes(name)
}

/**
 * In which language a mail was asked for; who has saved another one is written to in that. Notices have none: whoever broke in could have
 * them written in a language that the owner cannot read.
 */
interface Asked {
  askedIn?: Locale
}

/** What a row of the outbox holds, by its kind: ids and addresses, never a token or rendered text. */
export interface MailPayloads {
  password_reset: Asked & { address: string; redirectTo?: string }
  email_confirm: Asked & { endUserId: string; redirectTo?: string }
  email_confirm_resend: Asked & { address: string; redirectTo?: string }
  /** `by`: through a provider, so that there is no sign-up of theirs to confirm. */
  sign_up_attempt: Asked & { address: string; by?: 'provider' }
  sign_in: Asked & {
    address: string
    addressTyped: string
    link: boolean
    code: boolean
    createUser: boolean
    redirectTo?: string
    codeChallenge?: string
  }
  invitation: { endUserId: string; redirectTo?: string }
  organization_invitation: { endUserId: string; invitationId: string; organizationName: string; newAccount: boolean; redirectTo?: string }
  account_recovery: { endUserId: string; signIn?: true }
  email_change_confirm: Asked & { endUserId: string; newAddress: string }
  email_change_notice: { endUserId: string; oldAddress: string; newAddress: string }
  password_changed: { endUserId: string }
  /** `device`: families of browser and system, and the network. */
  new_device: { endUserId: string; device: string }
  /** `about`: of `certificate_expiring` and `webhook_disabled`. */
  security_notice: { endUserId: string; event: SecurityNotice; address?: string; about?: NoticeAbout }
  /** `locale`: of the template that is tried. */
  template_test: { address: string; template: string; locale: string }
}

export type MailKind = keyof MailPayloads

export interface MailDefinition {
  /** The address of the account, one that is to become it, one that was it before, or one that was typed and may have no account. */
  to: 'account' | 'new_address' | 'old_address' | 'typed_address'
  /** Secrets that prove the mailbox. They go to the mail provider and nowhere else: no log, webhook or answer carries them. */
  carries: readonly ('link' | 'code')[]
  meaning: string
}

/** Everything that is mailed (openapi/events.md, held by a test). */
export const MAILS: Record<MailKind, MailDefinition> = {
  password_reset: { to: 'typed_address', carries: ['link'], meaning: 'Sets another password.' },
  email_confirm: { to: 'account', carries: ['link', 'code'], meaning: 'Confirms the address of a sign-up.' },
  email_confirm_resend: { to: 'typed_address', carries: ['link', 'code'], meaning: 'The same, asked for again.' },
  sign_up_attempt: {
    to: 'typed_address',
    carries: ['link', 'code'],
    meaning: 'A sign-up with a taken address: confirms it, or sets another password.',
  },
  sign_in: { to: 'typed_address', carries: ['link', 'code'], meaning: 'Signs in without a password.' },
  invitation: { to: 'account', carries: ['link'], meaning: 'Accepts an invitation.' },
  organization_invitation: { to: 'account', carries: ['link'], meaning: 'Invites to an organization; opens an account that nobody has used yet.' },
  account_recovery: { to: 'account', carries: ['link'], meaning: 'An operator opened a way back in.' },
  email_change_confirm: { to: 'new_address', carries: ['link'], meaning: 'Confirms a change of address.' },
  email_change_notice: { to: 'old_address', carries: ['link'], meaning: 'Takes a change of address back.' },
  new_device: { to: 'account', carries: ['link'], meaning: 'A session began on a new device; the link puts everybody out.' },
  password_changed: { to: 'account', carries: [], meaning: 'The password was changed.' },
  security_notice: { to: 'account', carries: [], meaning: 'Something else happened to the account.' },
  template_test: { to: 'typed_address', carries: [], meaning: 'An operator tries the words of a mail; its link and code are samples.' },
}
