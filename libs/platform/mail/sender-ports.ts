import type { DnsRecord, SenderConfig, SenderKind } from '../records/mail-sender.store.js'

/** Tries a sender before it is saved; the control plane gives one that really connects. */
export interface SenderProbe {
  check(sender: { kind: SenderKind; from: string; config: SenderConfig; secret: string }): Promise<ProbeAnswer>
}

export type ProbeAnswer = { ok: true } | { ok: false; code: string; detail?: string }

export interface ProviderDomain {
  id: string
  verified: boolean
  records: DnsRecord[]
}

/** Domains at the mail provider, under the installation's own key. */
export interface ProviderDomains {
  /** `null`: the provider refuses it, most likely because somebody has it already. */
  create(name: string): Promise<ProviderDomain | null>
  /** Has the provider look at DNS, and answers what it knows; `null`: it has no such domain any more. */
  look(id: string): Promise<ProviderDomain | null>
  remove(id: string): Promise<void>
}
