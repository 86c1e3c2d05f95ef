import type { Locale } from '@portico/kernel/locales'
import type { MailBrand } from '@portico/kernel/settings/mail-brand'
import { layOut, type MailContent } from '../layout.js'
import type { RenderedMail } from '../message.js'
import { printableName } from '../printable-name.js'
import { sayIn, type Say } from '../words.js'
import { maskAddress, noticeAbout, type MailData } from './mail-data.js'

type Words = Omit<MailContent, 'brand' | 'locale'>

/** Our own words for a mail. The same input gives the same bytes. */
export function defaultMail(brand: MailBrand, locale: Locale, data: MailData): RenderedMail {
  const app = printableName(brand.name, locale)
  const say: Say = (key, values) => sayIn(locale)(key, { app, ...values })
  return layOut({ ...wordsOf(data, say, locale), brand, locale })
}

function wordsOf(data: MailData, say: Say, locale: Locale): Words {
  switch (data.template) {
    case 'confirm_email':
      return {
        subject: say('confirm_email.subject'),
        heading: say('confirm_email.heading'),
        lead: [say('confirm_email.lead')],
        action: { label: say('confirm_email.action'), url: data.link },
        code: data.code,
        after: [say('confirm_email.link_note'), say('confirm_email.code_note'), say('confirm_email.ignore')],
      }
    case 'sign_in':
      return signIn(data, say)
    case 'invitation':
      return {
        subject: say('invitation.subject'),
        heading: say('invitation.subject'),
        lead: [say('invitation.lead')],
        action: { label: say('invitation.action'), url: data.link },
        after: [say('invitation.note'), say('invitation.ignore')],
      }
    case 'organization_invitation': {
      const organization = printableName(data.organizationName, locale)
      return {
        subject: say('organization_invitation.subject', { organization }),
        heading: say('organization_invitation.subject', { organization }),
        lead: [say(data.isNew ? 'organization_invitation.lead_new' : 'organization_invitation.lead', { organization })],
        ...(data.link === null ? {} : { action: { label: say('invitation.action'), url: data.link } }),
        after: [say('organization_invitation.note'), say('organization_invitation.ignore', { organization })],
      }
    }
    case 'password_reset':
      return {
        subject: say('password_reset.subject'),
        heading: say('password_reset.heading'),
        lead: [say('password_reset.lead')],
        action: { label: say('password_reset.action'), url: data.link },
        after: [say('password_reset.note'), say('password_reset.ignore')],
      }
    case 'sign_up_attempt':
      // Private sign-up on an address that has an account: only its owner learns that.
      return {
        subject: say('sign_up_attempt.subject'),
        heading: say('sign_up_attempt.heading'),
        lead: [say('sign_up_attempt.lead'), say('sign_up_attempt.choose')],
        action: { label: say('password_reset.action'), url: data.link },
        after: [say('sign_up_attempt.note'), say('sign_up_attempt.ignore')],
      }
    case 'account_recovery':
      return {
        subject: say('account_recovery.subject'),
        heading: say('account_recovery.heading'),
        lead: [say(data.signIn ? 'account_recovery.lead_sign_in' : 'account_recovery.lead')],
        action: { label: say(data.signIn ? 'sign_in.action' : 'password_reset.action'), url: data.link },
        after: [say(data.signIn ? 'account_recovery.note_sign_in' : 'password_reset.note'), say('account_recovery.ignore')],
      }
    case 'email_change':
      return {
        subject: say('email_change.subject'),
        heading: say('email_change.heading'),
        lead: [say('email_change.lead', { address: data.newAddress })],
        action: { label: say('email_change.action'), url: data.link },
        after: [say('confirm_email.link_note'), say('email_change.ignore')],
      }
    case 'email_change_notice':
      return {
        subject: say('email_change_notice.subject'),
        heading: say('email_change_notice.heading'),
        lead: [say('email_change_notice.lead', { address: maskAddress(data.newAddress) })],
        action: { label: say('email_change_notice.action'), url: data.link },
        after: [say('email_change_notice.note')],
      }
    case 'new_device':
      return {
        subject: say('new_device.subject'),
        heading: say('new_device.heading'),
        lead: [say('new_device.lead', { device: data.device })],
        action: { label: say('new_device.action'), url: data.link },
        after: [say('new_device.note')],
      }
    case 'password_changed':
      return {
        subject: say('password_changed.subject'),
        heading: say('password_changed.heading'),
        lead: [say('password_changed.lead')],
        ...(data.resetLink === null ? {} : { action: { label: say('password_changed.action'), url: data.resetLink } }),
        after: [say('password_changed.note')],
      }
    case 'security_notice':
      if (data.event === 'certificate_expiring' || data.event === 'webhook_disabled') {
        const about = noticeAbout(data)
        const subject = say(`security_notice.${data.event === 'webhook_disabled' ? 'webhook' : 'certificate'}_subject`, about)
        return { subject, heading: subject, lead: [say(`security_notice.${data.event}`, about)], after: [] }
      }
      return {
        subject: say('security_notice.subject'),
        heading: say('security_notice.heading'),
        lead: [
          say(`security_notice.${data.event}`),
          say(data.event === 'password_removed' ? 'security_notice.set_new' : 'security_notice.nothing_to_do'),
        ],
        after: [say('security_notice.not_you')],
      }
  }
}

/** A link, a code, or both. The code stays out of the subject: lock screens show that. */
function signIn({ link, code }: MailData & { template: 'sign_in' }, say: Say): Words {
  if (link === null) {
    return {
      subject: say('code.subject'),
      heading: say('code.heading'),
      lead: [say('code.lead')],
      code: code ?? '',
      after: [say('code.note'), say('code.ignore')],
    }
  }
  return {
    subject: say('sign_in.subject'),
    heading: say('sign_in.subject'),
    lead: [say('sign_in.lead')],
    ...(code === null ? {} : { code }),
    action: { label: say('sign_in.action'), url: link },
    after: [say('sign_in.link_note'), ...(code === null ? [] : [say('sign_in.code_note')]), say('sign_in.ignore')],
  }
}
