import { mailSenderContext } from '@portico/crypto/seal-context'
import type { SealedBox } from '@portico/crypto/sealed-box'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { doneBy } from '../audit-actor.js'
import type { Caller } from '../caller.js'
import { ownerId, type MailSenderRow, type MailSenderStore, type NewMailSender, type SenderOwner } from '../records/mail-sender.store.js'
import { readSenderInput, type SenderInput } from './read-sender-input.js'
import type { ProbeAnswer, ProviderDomains, SenderProbe } from './sender-ports.js'
import { packSecret, unpackSecret, type SenderSecret } from './sender-secret.js'

/** The sender of a project or a tenant: set after a real try, shown without its secret, removed. */
export class ConfigureMailSender {
  constructor(
    private readonly store: MailSenderStore,
    private readonly box: SealedBox,
    private readonly probe: SenderProbe,
    /** `null`: the installation has no key of the provider, so it cannot make domains there. */
    private readonly domains: ProviderDomains | null,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
    private readonly allowLoopback: boolean,
  ) {}

  read(owner: SenderOwner): Promise<MailSenderRow | null> {
    return this.store.find(owner)
  }

  /** Throws `mail_sender_refused` with the field to correct; what was configured before then stays. */
  async set(owner: SenderOwner, caller: Caller, input: SenderInput): Promise<MailSenderRow> {
    const { config } = readSenderInput(input, this.allowLoopback)
    const before = await this.store.find(owner)
    const now = this.clock.now()
    const id = this.entropy.uuid()
    const made = { id, kind: input.kind, from: input.from, config }
    const sender: NewMailSender =
      input.kind === 'resend_domain' ? await this.#ofDomain(made, before) : await this.#tried(owner, made, input, before)
    const audit = { ...doneBy(caller), action: 'mail.sender_configured' as const, metadata: { kind: input.kind, from: input.from } }
    await this.store.put(owner, sender, audit, now)
    await this.#forgetDomain(before, sender)
    return { ...sender, failing: null, createdAt: before?.createdAt ?? now, updatedAt: now }
  }

  /** Looks again whether the domain is verified; its mails go out as soon as it is. */
  async verify(owner: SenderOwner): Promise<MailSenderRow> {
    const sender = await this.store.find(owner)
    if (!sender) throw new AuthError('not_found')
    if (sender.kind !== 'resend_domain' || sender.config.domainId === undefined || !this.domains) return sender
    const domain = await this.domains.look(sender.config.domainId)
    if (!domain) throw new AuthError('conflict', { message: 'The provider does not know this domain any more. Set the sender again.' })
    const state = domain.verified ? 'ready' : 'pending'
    const looked = {
      ...sender,
      state: sender.state === 'failing' ? sender.state : state,
      config: { ...sender.config, records: domain.records },
    } as const
    await this.store.noteState(owner, looked, this.clock.now())
    return looked
  }

  async remove(owner: SenderOwner, caller: Caller): Promise<void> {
    const before = await this.store.find(owner)
    const audit = { ...doneBy(caller), action: 'mail.sender_removed' as const, metadata: { kind: before?.kind ?? null } }
    if (!before || !(await this.store.remove(owner, audit, this.clock.now()))) throw new AuthError('not_found')
    await this.#forgetDomain(before, null)
  }

  async #tried(
    owner: SenderOwner,
    made: Pick<NewMailSender, 'id' | 'kind' | 'from' | 'config'>,
    input: SenderInput,
    before: MailSenderRow | null,
  ): Promise<NewMailSender> {
    const kept = this.#kept(owner, made, before)
    const secret = (input.kind === 'smtp' ? input.password : input.apiKey) ?? kept?.secret
    if (secret === undefined) throw invalidField(made.kind === 'smtp' ? 'password' : 'api_key', 'required', 'This field is required.')
    const answer = await this.probe.check({ kind: made.kind, from: made.from, config: made.config, secret })
    if (!answer.ok) throw refused(made.kind, answer)
    const webhookSecret = input.webhookSecret === undefined ? (kept?.webhookSecret ?? null) : input.webhookSecret
    const config = webhookSecret === null ? made.config : { ...made.config, takesReports: true }
    const secretSealed = this.box.seal(packSecret({ secret, webhookSecret }), mailSenderContext(ownerId(owner), made.id))
    return { ...made, config, secretSealed, state: 'ready' }
  }

  /** A stored secret goes only where it went before: a caller that may write but not read must not have it sent to a server of theirs. */
  #kept(owner: SenderOwner, made: Pick<NewMailSender, 'kind' | 'config'>, before: MailSenderRow | null): SenderSecret | null {
    const places = ['host', 'port', 'security', 'user'] as const
    const same = before?.kind === made.kind && places.every((place) => before.config[place] === made.config[place])
    if (!same || before.secretSealed === null) return null
    return unpackSecret(made.kind, this.box.open(before.secretSealed, mailSenderContext(ownerId(owner), before.id)).toString('utf8'))
  }

  async #ofDomain(made: Pick<NewMailSender, 'id' | 'kind' | 'from' | 'config'>, before: MailSenderRow | null): Promise<NewMailSender> {
    if (!this.domains)
      throw new AuthError('conflict', { message: 'This installation has no Resend key, so it cannot make domains there.' })
    const name = made.config.domain ?? ''
    const same = before?.config.domain === name ? before.config.domainId : undefined
    const domain = same === undefined ? await this.domains.create(name) : await this.domains.look(same)
    // One that the provider has already is somebody's, or our own: it is never handed to whoever asks.
    if (!domain) throw invalidField('from', 'taken', 'The provider has this domain already, or refuses it.')
    const config = { ...made.config, domainId: domain.id, records: domain.records }
    return { ...made, config, secretSealed: null, state: domain.verified ? 'ready' : 'pending' }
  }

  /** A domain that nothing uses any more is given back, so that its owner may add it elsewhere. */
  async #forgetDomain(before: MailSenderRow | null, after: NewMailSender | null): Promise<void> {
    const old = before?.config.domainId
    if (old !== undefined && old !== after?.config.domainId) await this.domains?.remove(old)
  }
}

const LOGIN = /^smtp_53[0458]|^login_not_offered/

function refused(kind: NewMailSender['kind'], { code, detail }: ProbeAnswer & { ok: false }): AuthError {
  const field = kind === 'resend' ? 'api_key' : LOGIN.test(code) ? 'password' : code === 'tls_failed' ? 'security' : 'host'
  const said = detail === undefined ? 'It did not work.' : `It says: ${detail}`
  return new AuthError('mail_sender_refused', { details: [{ field, code, message: said }] })
}
