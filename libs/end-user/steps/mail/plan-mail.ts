import type { ChallengePlan } from '../../records/email-challenge.store.js'
import type { OneTimePurpose } from '../../records/one-time-token.store.js'
import type { NoticeAbout } from '@portico/kernel/mails'
import type { OutboxRow } from '../../records/outbox-row.store.js'
import type { Recipient, Recipients } from '../../records/end-user-search.store.js'
import type { WayOn } from './mail-link.js'

/** Template and what it is filled with. The link holds the token: it goes to the provider and nowhere else. */
export type MailContents =
  | { template: 'password_reset' | 'sign_up_attempt' | 'invitation'; link: string }
  /** `signIn`: the link signs in, for a project without passwords. */
  | { template: 'account_recovery'; link: string; signIn: boolean }
  | { template: 'confirm_email'; link: string; code: string }
  | { template: 'sign_in'; link: string | null; code: string | null }
  | { template: 'organization_invitation'; link: string | null; organizationName: string; isNew: boolean }
  | { template: 'email_change' | 'email_change_notice'; link: string; newAddress: string }
  | { template: 'new_device'; link: string; device: string }
  | { template: 'password_changed'; resetLink: string | null }
  | { template: 'security_notice'; event: string; about?: NoticeAbout }
  /** A mail of this template with sample values. */
  | { template: 'sample'; of: string }

export interface TokenPlan {
  purpose: OneTimePurpose
  endUserId: string
  /** Stored with the token; checked or used when it is spent. */
  payload: Record<string, unknown>
  redirectTo?: string
}

export type MailPlan =
  /** `locale`: whatever the account of the address has saved. */
  | { to: string; contents: MailContents; locale?: string }
  /** A link that is no key: into the app, or to a page of ours. */
  | { to: string; leadsTo: WayOn; fill: (link: string, code: string) => MailContents }
  /** A link that is a one-time token of the account, a challenge of the address, or both; what there is none of is empty in `fill`. */
  | { to: string; token?: TokenPlan; challenge?: ChallengePlan; fill: (link: string, code: string) => MailContents }

/** Nothing to send, and why. */
export interface Skip {
  skip: string
}

/** Whom `planMail` will ask for. */
export function recipientOf(row: OutboxRow): { id: string } | { email: string } | null {
  const address = field(row, 'address')
  if (row.kind === 'template_test' || (row.kind === 'security_notice' && address !== undefined)) return null
  const id = row.kind === 'sign_in' ? undefined : field(row, 'endUserId')
  // What is no UUID names no user; as a parameter it would fail the other mails of its round too.
  if (id !== undefined) return UUID.test(id) ? { id } : null
  return address === undefined ? null : { email: address }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Links that set what a directory decides of its people: their address, and that they have no password. */
const DIRECTORY_DECIDES: ReadonlySet<OneTimePurpose> = new Set(['password_reset', 'invitation', 'email_change', 'email_change_undo'])

/**
 * What a row asks for, given who the account belongs to now. People of a directory are sent no link that would only be refused, whoever
 * asked for it; what the asker is told is the same.
 */
export function planMail(row: OutboxRow, recipients: Recipients): MailPlan | Skip {
  const plan = planFor(row, recipients)
  const purpose = 'token' in plan ? plan.token?.purpose : undefined
  const refused = purpose !== undefined && DIRECTORY_DECIDES.has(purpose) && findRecipient(row, recipients)?.managed === true
  return refused ? { skip: 'managed_by_directory' } : plan
}

function planFor(row: OutboxRow, recipients: Recipients): MailPlan | Skip {
  const { kind } = row
  switch (kind) {
    case 'password_reset':
    case 'sign_up_attempt': {
      const recipient = activeRecipient(row, recipients)
      if ('skip' in recipient) return recipient
      // A repeated sign-up may come from the owner who has not confirmed yet. The account stays as it is: the password typed this time is
      // not its own.
      if (kind === 'sign_up_attempt' && !recipient.verified && row.payload['by'] !== 'provider') return planConfirmation(row, recipient)
      return { to: recipient.address, token: tokenFor(row, recipient, 'password_reset'), fill: (link) => ({ template: kind, link }) }
    }
    case 'account_recovery': {
      const recipient = activeRecipient(row, recipients)
      if ('skip' in recipient) return recipient
      const signIn = row.payload['signIn'] === true
      const token = tokenFor(row, recipient, signIn ? 'account_recovery' : 'password_reset')
      return { to: recipient.address, token, fill: (link) => ({ template: kind, link, signIn }) }
    }
    case 'email_confirm':
    case 'email_confirm_resend': {
      const recipient = activeRecipient(row, recipients)
      if ('skip' in recipient) return recipient
      return recipient.verified ? { skip: 'already_verified' } : planConfirmation(row, recipient)
    }
    case 'email_change_confirm': {
      const newAddress = field(row, 'newAddress')
      const recipient = activeRecipient(row, recipients)
      if ('skip' in recipient) return recipient
      if (newAddress === undefined) return { skip: 'no_address' }
      if (isBefore(row, recipient.linksVoidBefore) || isBefore(row, recipient.emailChangeVoidBefore)) return { skip: 'superseded' }
      const token = { ...tokenFor(row, recipient, 'email_change'), payload: { email: recipient.email, newAddress } }
      return { to: newAddress, token, fill: (link) => ({ template: 'email_change', link, newAddress }) }
    }
    case 'email_change_notice': {
      const oldAddress = field(row, 'oldAddress')
      const newAddress = field(row, 'newAddress')
      const recipient = findRecipient(row, recipients)
      if (!recipient) return { skip: 'no_account' }
      if (oldAddress === undefined || newAddress === undefined) return { skip: 'no_address' }
      if (isBefore(row, recipient.linksVoidBefore)) return { skip: 'superseded' }
      const token = { ...tokenFor(row, recipient, 'email_change_undo'), payload: { oldAddress, newAddress } }
      return { to: oldAddress, token, fill: (link) => ({ template: 'email_change_notice', link, newAddress }) }
    }
    case 'sign_in':
      return planSignIn(row, recipients)
    case 'invitation': {
      const recipient = activeRecipient(row, recipients)
      if ('skip' in recipient) return recipient
      return { to: recipient.address, token: tokenFor(row, recipient, 'invitation'), fill: (link) => ({ template: 'invitation', link }) }
    }
    case 'organization_invitation':
      return planOrganizationInvitation(row, recipients)
    case 'new_device': {
      const recipient = activeRecipient(row, recipients)
      if ('skip' in recipient) return recipient
      const device = field(row, 'device') ?? ''
      const token = tokenFor(row, recipient, 'device_report')
      return { to: recipient.address, token, fill: (link) => ({ template: 'new_device', link, device }) }
    }
    case 'password_changed': {
      const recipient = findRecipient(row, recipients)
      return recipient ? { to: recipient.address, contents: { template: 'password_changed', resetLink: null } } : { skip: 'no_account' }
    }
    case 'security_notice': {
      // The address at the time of the event counts: it may have changed since, or the account be gone.
      const address = field(row, 'address') ?? findRecipient(row, recipients)?.address
      return address === undefined
        ? { skip: 'no_account' }
        : { to: address, contents: { template: 'security_notice', event: field(row, 'event') ?? '', ...aboutOf(row) } }
    }
    case 'template_test': {
      const address = field(row, 'address')
      const locale = field(row, 'locale')
      if (address === undefined) return { skip: 'no_address' }
      const contents: MailContents = { template: 'sample', of: field(row, 'template') ?? '' }
      return { to: address, contents, ...(locale === undefined ? {} : { locale }) }
    }
    default:
      return { skip: 'unknown_kind' }
  }
}

/** Of a notice about a connection. */
function aboutOf({ payload }: OutboxRow): { about?: NoticeAbout } {
  const { connection, date } = (payload['about'] ?? {}) as Partial<Record<keyof NoticeAbout, unknown>>
  return typeof connection === 'string' && typeof date === 'string' ? { about: { connection, date } } : {}
}

/**
 * A mailbox that has proved itself, or whose account somebody set up, is asked to sign in: the link is no key. Else it opens the account,
 * like every invitation, and joins the organization by the same act.
 */
function planOrganizationInvitation(row: OutboxRow, recipients: Recipients): MailPlan | Skip {
  const recipient = activeRecipient(row, recipients)
  if ('skip' in recipient) return recipient
  const invitationId = field(row, 'invitationId')
  const organizationName = field(row, 'organizationName')
  if (invitationId === undefined || organizationName === undefined) return { skip: 'no_invitation' }
  const isNew = row.payload['newAccount'] === true && !recipient.verified && !recipient.managed
  const to = recipient.address
  const token = tokenFor(row, recipient, 'invitation')
  const fill = (link: string): MailContents => ({ template: 'organization_invitation', link: link || null, organizationName, isNew })
  if (isNew) return { to, token: { ...token, payload: { ...token.payload, organizationInvitationId: invitationId } }, fill }
  const redirectTo = field(row, 'redirectTo')
  const way = { page: '/organization', field: 'organization_invitation', value: invitationId }
  const leadsTo = { ...way, ...(redirectTo === undefined ? {} : { redirectTo }) }
  return { to, leadsTo, fill }
}

function planConfirmation(row: OutboxRow, recipient: Recipient): MailPlan {
  const challenge: ChallengePlan = {
    purpose: 'email_confirm',
    address: recipient.email,
    addressTyped: recipient.address,
    link: false,
    code: true,
    createUser: false,
  }
  return {
    to: recipient.address,
    token: tokenFor(row, recipient, 'email_confirm'),
    challenge,
    fill: (link, code) => ({ template: 'confirm_email', link, code }),
  }
}

function planSignIn(row: OutboxRow, recipients: Recipients): MailPlan | Skip {
  const address = field(row, 'address')
  if (address === undefined) return { skip: 'no_address' }
  const recipient = recipients.byEmail.get(address)
  const createUser = row.payload['createUser'] === true
  if (recipient?.disabled) return { skip: 'account_disabled' }
  if (!recipient && !createUser) return { skip: 'no_account' }
  const to = recipient?.address ?? field(row, 'addressTyped') ?? address
  const redirectTo = field(row, 'redirectTo')
  const codeChallenge = field(row, 'codeChallenge')
  const challenge: ChallengePlan = {
    purpose: 'sign_in',
    address,
    addressTyped: to,
    link: row.payload['link'] === true,
    code: row.payload['code'] === true,
    createUser,
    ...(redirectTo === undefined ? {} : { redirectTo }),
    ...(codeChallenge === undefined ? {} : { codeChallenge }),
  }
  return { to, challenge, fill: (link, code) => ({ template: 'sign_in', link: link || null, code: code || null }) }
}

function tokenFor(row: OutboxRow, recipient: Recipient, purpose: OneTimePurpose): TokenPlan {
  const redirectTo = field(row, 'redirectTo')
  // The address the mail proves: a token must not outlive a change of it.
  return { purpose, endUserId: recipient.id, payload: { email: recipient.email }, ...(redirectTo === undefined ? {} : { redirectTo }) }
}

/** The change that the mail is about was cancelled, or the intruder who asked for it was evicted, before the mail was made. */
function isBefore(row: OutboxRow, moment: Date | null): boolean {
  return moment !== null && row.createdAt < moment
}

function activeRecipient(row: OutboxRow, recipients: Recipients): Recipient | Skip {
  const recipient = findRecipient(row, recipients)
  if (!recipient) return { skip: 'no_account' }
  return recipient.disabled ? { skip: 'account_disabled' } : recipient
}

/** Who the row is about, if the account is there. */
export function findRecipient(row: OutboxRow, recipients: Recipients): Recipient | undefined {
  const id = field(row, 'endUserId')
  if (id !== undefined) return recipients.byId.get(id)
  const address = field(row, 'address')
  return address === undefined ? undefined : recipients.byEmail.get(address)
}

function field(row: OutboxRow, name: string): string | undefined {
  const value = row.payload[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}
