import type { components } from './generated.js'
import { Listing, type PageQuery } from './page.js'
import type { Call, CallOptions, Transport } from './transport.js'

export type MailSender = components['schemas']['MailSender']
export type MailTemplate = components['schemas']['MailTemplate']
export type MailTemplateParts = components['schemas']['SetMailTemplateBody']
export type ProjectMail = components['schemas']['ProjectMail']
export type SuppressedAddress = components['schemas']['SuppressedAddress']
/** A mail as it would be sent, with sample values. */
export interface MailPreview {
  subject: string
  text: string
  html: string
}
export type NewMailSender = components['schemas']['SetMailSenderBody']

/** Who sends the mail of a project. With `null` for the project: of every project of the tenant that has no sender of its own. */
export class Mail {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** `null` when there is none. */
  readSender(projectId: string | null, options?: CallOptions): Promise<MailSender | null> {
    return this.#data({ method: 'GET', path: senderOf(projectId) }, options)
  }

  /** Tried before it is saved: `mail_sender_refused` says which field to correct. */
  setSender(projectId: string | null, sender: NewMailSender, options?: CallOptions): Promise<MailSender> {
    return this.#data({ method: 'PUT', path: senderOf(projectId), body: sender }, options)
  }

  /** Looks now whether the domain of a `resend_domain` is verified. */
  verifySender(projectId: string | null, options?: CallOptions): Promise<MailSender> {
    return this.#data({ method: 'POST', path: [...senderOf(projectId), 'verify'] }, options)
  }

  async removeSender(projectId: string | null, options?: CallOptions): Promise<void> {
    await this.#transport.send({ method: 'DELETE', path: senderOf(projectId) }, options)
  }

  /** Templates in use; what has none goes out in Portico's words. */
  listTemplates(projectId: string, options?: CallOptions): Promise<MailTemplate[]> {
    return this.#data({ method: 'GET', path: ['projects', projectId, 'mail', 'templates'] }, options)
  }

  /** Every version that there ever was, newest first. */
  templateVersions(projectId: string, template: string, locale: string, options?: CallOptions): Promise<MailTemplate[]> {
    return this.#data({ method: 'GET', path: templateOf(projectId, template, locale) }, options)
  }

  /** With sample values: of the parts given, else of what is in use, else of Portico's words; `branding` need not be saved. */
  previewTemplate(
    projectId: string,
    template: string,
    locale: string,
    shown?: components['schemas']['PreviewMailTemplateBody'],
    options?: CallOptions,
  ): Promise<MailPreview> {
    const path = [...templateOf(projectId, template, locale), 'preview']
    return this.#data({ method: 'POST', path, body: shown ?? {} }, options)
  }

  /** A new version; `validation_error` says which part cannot be rendered or lacks its link. */
  setTemplate(
    projectId: string,
    template: string,
    locale: string,
    parts: MailTemplateParts,
    options?: CallOptions,
  ): Promise<MailTemplate> {
    return this.#data({ method: 'PUT', path: templateOf(projectId, template, locale), body: parts }, options)
  }

  /** Back to Portico's words. */
  async resetTemplate(projectId: string, template: string, locale: string, options?: CallOptions): Promise<void> {
    await this.#transport.send({ method: 'DELETE', path: templateOf(projectId, template, locale) }, options)
  }

  /** Mails what is in use to an address, with sample values. */
  sendTest(projectId: string, template: string, locale: string, to: string, options?: CallOptions): Promise<{ id: string; to: string }> {
    return this.#data({ method: 'POST', path: [...templateOf(projectId, template, locale), 'test'], body: { to } }, options)
  }

  /** What became of mails, newest first. */
  list(
    projectId: string,
    query?: PageQuery & { state?: ProjectMail['state']; address?: string },
    options?: CallOptions,
  ): Listing<ProjectMail> {
    return new Listing(this.#transport, { method: 'GET', path: ['projects', projectId, 'mails'], query }, options)
  }

  /** Addresses that get no mail, since one came back for good or its owner complained; the latest thousand. */
  suppressions(projectId: string, options?: CallOptions): Promise<SuppressedAddress[]> {
    return this.#data({ method: 'GET', path: ['projects', projectId, 'mail', 'suppressions'] }, options)
  }

  /** Mails to the address go out again. */
  async release(projectId: string, address: string, options?: CallOptions): Promise<void> {
    await this.#transport.send({ method: 'DELETE', path: ['projects', projectId, 'mail', 'suppressions', address] }, options)
  }

  async #data<T>(call: Call, options: CallOptions | undefined): Promise<T> {
    return (await this.#transport.send<{ data: T }>(call, options)).data
  }
}

function senderOf(projectId: string | null): string[] {
  return projectId === null ? ['mail', 'sender'] : ['projects', projectId, 'mail', 'sender']
}

function templateOf(projectId: string, template: string, locale: string): string[] {
  return ['projects', projectId, 'mail', 'templates', template, locale]
}
