import type { Locale } from '@portico/kernel/locales'
import type { MailBrand } from '@portico/kernel/settings/mail-brand'
import { Liquid } from 'liquidjs'
import { frame } from '../layout.js'
import { lookOf } from '../look.js'
import type { RenderedMail } from '../message.js'
import { oneLine } from '../printable.js'
import { printableName } from '../printable-name.js'
import { sayIn } from '../words.js'
import { maskAddress, noticeAbout, type MailData, type MailTemplate } from './mail-data.js'

/** A project's own words for a mail, in Liquid. */
export interface OwnTemplate {
  subject: string
  text: string
  /** A whole page, or what stands in the card of ours. */
  html: string
}

export interface TemplateProblem {
  part: keyof OwnTemplate
  problem: string
}

const MAX_SUBJECT = 150
// A loop over a million, a string that doubles: each is refused within milliseconds.
const LIMITS = { parseLimit: 100_000, renderLimit: 200, memoryLimit: 2_000_000 }
const LARGEST_PART = 200_000

/** Nothing is read from anywhere. */
const NO_FILES = {
  exists: async () => false,
  existsSync: () => false,
  readFile: () => Promise.reject(new Error('no file')),
  readFileSync: () => {
    throw new Error('no file')
  },
  resolve: (_root: string, file: string) => file,
  contains: async () => false,
  containsSync: () => false,
}

/** They read the clock where they are given `now` or `today`. */
const DATE_FILTERS = ['date', 'date_to_xmlschema', 'date_to_rfc822', 'date_to_string', 'date_to_long_string'] as const
/** Throws dice: another try of the mail would be another mail. */
const RANDOM_FILTERS = ['sample', 'shuffle'] as const

function engine(escape: boolean): Liquid {
  const made = new Liquid({
    ...LIMITS,
    ...(escape ? { outputEscape: 'escape' as const } : {}),
    ownPropertyOnly: true,
    strictFilters: true,
    fs: NO_FILES,
    relativeReference: false,
    // Not the zone of whichever machine the worker is on.
    timezoneOffset: 0,
  })
  // The built-in one switches escaping off.
  made.registerFilter('raw', (value: unknown) => value)
  for (const name of DATE_FILTERS) {
    const builtIn = made.filters[name]
    if (typeof builtIn !== 'function') throw new Error(`liquidjs has no filter ${name}`)
    made.registerFilter(name, function (value: unknown, ...more: unknown[]) {
      const at = (this.context.environments as Values)['now']
      return builtIn.call(this, value === 'now' || value === 'today' ? at : value, ...more) as unknown
    })
  }
  for (const name of RANDOM_FILTERS) {
    made.registerFilter(name, () => {
      throw new Error(`${name} is not known here: every try of a mail is the same mail`)
    })
  }
  return made
}

const PLAIN = engine(false)
const ESCAPED = engine(true)

/** Plain values alone: a function in them would be called. */
type Values = Readonly<Record<string, string>>

/**
 * The mail in a project's own words, `at` the time of its first try. Throws when the template cannot be rendered; the same input gives the
 * same bytes, whatever the clock says.
 */
export function renderOwn(template: OwnTemplate, brand: MailBrand, locale: Locale, data: MailData, at: Date): RenderedMail {
  const values = valuesOf(data, brand, locale, at)
  const subject = oneLine(render(PLAIN, template.subject, values), MAX_SUBJECT)
  const body = render(ESCAPED, template.html, values)
  const html = /<html[\s>]/i.test(template.html) ? body : frame({ subject, locale, brand, body })
  return { subject, text: `${render(PLAIN, template.text, values).trimEnd()}\n`, html }
}

function render(liquid: Liquid, source: string, values: Values): string {
  const made: unknown = liquid.parseAndRenderSync(source, { ...values })
  if (typeof made !== 'string' || made.length > LARGEST_PART) throw new Error('too long')
  return made
}

function valuesOf(data: MailData, brand: MailBrand, locale: Locale, at: Date): Values {
  const app = printableName(brand.name, locale)
  const { brand: colour, onBrand } = lookOf(brand).light
  const look = { brand_colour: colour, text_on_brand: onBrand, logo_url: brand.logo?.url ?? '' }
  const common = { app, locale, now: at.toISOString(), ...look }
  if (data.template === 'security_notice') {
    return { ...common, notice: sayIn(locale)(`security_notice.${data.event}`, { app, ...noticeAbout(data) }) }
  }
  if (data.template === 'password_changed') return { ...common, reset_link: data.resetLink ?? '' }
  if (data.template === 'new_device') return { ...common, link: data.link, device: data.device }
  if (data.template === 'email_change') return { ...common, link: data.link, new_address: data.newAddress }
  if (data.template === 'email_change_notice') return { ...common, link: data.link, new_address: maskAddress(data.newAddress) }
  if (data.template === 'organization_invitation') return { ...common, link: data.link ?? '', organization_name: data.organizationName }
  return { ...common, link: data.link ?? '', code: 'code' in data ? (data.code ?? '') : '' }
}

const LINK = 'https://auth.example.com/mail?token=sample-token-of-a-link'
const CODE = '246810'
const SAMPLE_TIME = new Date('2026-01-31T12:00:00Z')

/** What each template is tried with before it is saved: every form that its mails take. */
export function samplesOf(template: MailTemplate): MailData[] {
  switch (template) {
    case 'sign_in':
      return [
        { template, link: LINK, code: CODE },
        { template, link: LINK, code: null },
        { template, link: null, code: CODE },
      ]
    case 'confirm_email':
      return [{ template, link: LINK, code: CODE }]
    case 'account_recovery':
      return [{ template, link: LINK, signIn: false }]
    case 'email_change':
    case 'email_change_notice':
      return [{ template, link: LINK, newAddress: 'new@example.com' }]
    case 'new_device':
      return [{ template, link: LINK, device: 'Chrome · macOS · 203.0.113.0/24' }]
    case 'password_changed':
      return [{ template, resetLink: LINK }]
    case 'security_notice':
      return [{ template, event: 'passkey_added' }]
    case 'organization_invitation':
      return [{ template, link: LINK, organizationName: 'Acme', isNew: true }]
    default:
      return [{ template, link: LINK }]
  }
}

/** What is wrong with a template, found by rendering it: without its link or code a mail would be of no use. */
export function problemsOf(template: OwnTemplate, kind: MailTemplate, brand: MailBrand, locale: Locale): TemplateProblem[] {
  for (const part of ['subject', 'text', 'html'] as const) {
    try {
      const liquid = part === 'html' ? ESCAPED : PLAIN
      for (const data of samplesOf(kind)) render(liquid, template[part], valuesOf(data, brand, locale, SAMPLE_TIME))
    } catch (error) {
      return [{ part, problem: oneLine(error instanceof Error ? error.message : 'it cannot be rendered', 200) }]
    }
  }
  const problems: TemplateProblem[] = []
  for (const data of samplesOf(kind)) {
    const mail = renderOwn(template, brand, locale, data, SAMPLE_TIME)
    if (mail.subject === '') problems.push({ part: 'subject', problem: 'it is empty' })
    if (mail.subject.includes(CODE)) problems.push({ part: 'subject', problem: 'a code must not stand in it: lock screens show subjects' })
    if ('link' in data && data.link !== null) {
      if (!mail.text.includes(LINK)) problems.push({ part: 'text', problem: 'the variable link is missing' })
      if (!mail.html.includes(LINK)) problems.push({ part: 'html', problem: 'the variable link is missing' })
    } else if ('code' in data && data.code !== null) {
      for (const part of ['text', 'html'] as const)
        if (!mail[part].includes(CODE)) problems.push({ part, problem: 'the variable code is missing' })
    }
  }
  return problems
}

const TEMPLATES: Record<MailTemplate, true> = {
  password_reset: true,
  sign_up_attempt: true,
  invitation: true,
  organization_invitation: true,
  account_recovery: true,
  confirm_email: true,
  sign_in: true,
  email_change: true,
  email_change_notice: true,
  new_device: true,
  password_changed: true,
  security_notice: true,
}

export function isMailTemplate(name: string): name is MailTemplate {
  return Object.hasOwn(TEMPLATES, name)
}
