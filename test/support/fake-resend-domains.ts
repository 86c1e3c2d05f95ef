import { randomUUID } from 'node:crypto'

export interface FakeDomain {
  id: string
  name: string
  status: 'not_started' | 'pending' | 'verified' | 'failed'
  created_at: string
  region: string
  records: { record: string; name: string; type: string; ttl: string; status: string; value: string; priority?: number }[]
}

/** Resend's domain routes, with the answers of its documentation. `null`: no such route. */
export class FakeDomains {
  readonly all: FakeDomain[] = []
  /** What its next look at DNS finds. */
  published = new Set<string>()

  answer(method: string, path: string, body: string): { status: number; body: unknown } | null {
    const [, first, id, action] = path.split('/')
    if (first !== 'domains') return null
    if (id === undefined) {
      if (method === 'GET')
        return {
          status: 200,
          body: { object: 'list', has_more: false, data: this.all.map((domain) => ({ ...domain, records: undefined })) },
        }
      const name = (JSON.parse(body) as { name?: unknown }).name
      if (typeof name !== 'string') return refusal(422, 'validation_error')
      if (this.all.some((domain) => domain.name === name)) return refusal(403, 'validation_error')
      const domain = made(name)
      this.all.push(domain)
      return { status: 201, body: domain }
    }
    const domain = this.all.find((each) => each.id === id)
    if (!domain) return refusal(404, 'not_found')
    if (method === 'POST' && action === 'verify') {
      domain.status = this.published.has(domain.name) ? 'verified' : 'pending'
      for (const record of domain.records) record.status = domain.status
      return { status: 200, body: { object: 'domain', id } }
    }
    if (method === 'DELETE') {
      this.all.splice(this.all.indexOf(domain), 1)
      return { status: 200, body: { object: 'domain', id, deleted: true } }
    }
    return { status: 200, body: { object: 'domain', ...domain } }
  }
}

function made(name: string): FakeDomain {
  const record = { ttl: 'Auto', status: 'not_started' }
  return {
    id: randomUUID(),
    name,
    status: 'not_started',
    created_at: '2026-11-30T12:00:00.000Z',
    region: 'us-east-1',
    records: [
      { record: 'SPF', name: 'send', type: 'MX', value: 'feedback-smtp.us-east-1.amazonses.com', priority: 10, ...record },
      { record: 'SPF', name: 'send', type: 'TXT', value: '"v=spf1 include:amazonses.com ~all"', ...record },
      { record: 'DKIM', name: 'resend._domainkey', type: 'TXT', value: 'p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQD', ...record },
    ],
  }
}

function refusal(status: number, name: string) {
  return { status, body: { statusCode: status, name, message: 'refused by the fake' } }
}
