import { KeptAliveResend } from './kept-alive-resend.js'
import { RESEND_BASE_URL } from './resend-sender.js'

export interface ResendDomain {
  id: string
  verified: boolean
  records: { type: string; name: string; value: string; priority: number | null; status: string }[]
}

/** The provider gave no answer that says something of the domain. */
export class ResendUnavailableError extends Error {}

interface Answered {
  id: string
  status: string
  records?: { type: string; name: string; value: string; priority?: number; status?: string }[]
}

/** Domains at Resend, made under the installation's own key. */
export class ResendDomains {
  readonly #client: KeptAliveResend

  constructor({ apiKey, baseUrl }: { apiKey: string; baseUrl: string | null }) {
    this.#client = new KeptAliveResend(apiKey, { baseUrl: (baseUrl ?? RESEND_BASE_URL).replace(/\/+$/, ''), timeoutMs: 8_000 })
  }

  /** `null`: refused, most likely because there is one of this name. */
  async create(name: string): Promise<ResendDomain | null> {
    const { data, error } = await this.#client.domains.create({ name })
    if (!error) return toDomain(data)
    if (error.statusCode === 403 || error.statusCode === 409 || error.statusCode === 422) return null
    throw new ResendUnavailableError(error.name)
  }

  async look(id: string): Promise<ResendDomain | null> {
    // It looks at DNS by itself as well; being asked to twice does no harm.
    await this.#client.domains.verify(id)
    const { data, error } = await this.#client.domains.get(id)
    if (!error) return toDomain(data)
    if (error.statusCode === 404) return null
    throw new ResendUnavailableError(error.name)
  }

  /** One that is gone already, or cannot be reached, is left as it is. */
  async remove(id: string): Promise<void> {
    await this.#client.domains.remove(id)
  }

  close(): void {
    this.#client.close()
  }
}

function toDomain({ id, status, records = [] }: Answered): ResendDomain {
  return {
    id,
    verified: status === 'verified',
    records: records.map((record) => ({
      type: record.type,
      name: record.name,
      value: record.value,
      priority: record.priority ?? null,
      status: record.status ?? 'not_started',
    })),
  }
}
