import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'vitest'
import type { ConsoleStage } from '../support/console-stage.js'
import { IDP_KEY } from '../support/saml-keys.js'
import { connect } from '../support/sql.js'
import { atTheIdentityProvider } from './at-the-identity-provider.js'

export interface Sample {
  /** What stands for the parameters of the console's addresses. */
  params: Readonly<Record<string, string>>
  bareProjectId: string
}

const made = new WeakMap<ConsoleStage, Promise<Sample>>()

/** A project that has something on every page, and one that has nothing on any; the same for all that ask. */
export function sampleOf(stage: ConsoleStage): Promise<Sample> {
  const sample = made.get(stage) ?? makeSample(stage)
  made.set(stage, sample)
  return sample
}

async function makeSample(stage: ConsoleStage): Promise<Sample> {
  const { api } = stage
  const { id } = await api<{ id: string }>('POST', 'projects', { name: 'Blue Bakery', external_project_id: 'app_1' })
  const of = (path: string) => `projects/${id}/${path}`
  const { auth_url: authUrl } = await api<{ auth_url: string }>('POST', of('auth'), {
    site_url: 'https://bakery.example',
    providers: ['email', 'magic_link'],
    organizations: 'managed',
    branding: { name: 'Blue Bakery', colour: '#1d4ed8', terms_url: 'https://bakery.example/terms' },
  })
  await stage.signUp(authUrl, 'ada@example.com')
  const [ada] = await api<{ id: string }[]>('GET', of('users?search=ada@'))
  await api('POST', of('users/invite'), { email: 'grace@example.com' })
  await api('POST', of('instances'), { name: 'web-1', metadata: { region: 'fra' } })
  await api('POST', of('domains'), { hostname: 'auth.bakery.example' })
  await api('POST', of('auth/secret/rotate'))
  await api('PUT', of('auth/providers/google'), { client_id: '123.apps.example', client_secret: 'a secret of Google' })
  const organization = await api<{ id: string }>('POST', of('organizations'), { name: 'Acme', admin_id: ada?.id })
  await api('POST', of(`organizations/${organization.id}/invitations`), { email: 'joan@example.com' })
  await api('PUT', of('organization-roles/billing'), { name: 'Billing', permissions: ['org.read', 'invoices:read'] })
  await api('PUT', of('mail/templates/sign_in/de'), {
    subject: 'Anmelden bei {{ app }}',
    text: 'Hier: {{ link }} oder mit dem Code {{ code }}',
    html: '<p>Hier: <a href="{{ link }}">anmelden</a> oder mit dem Code <b>{{ code }}</b></p>',
  })
  const webhookId = await refusedWebhook(stage, of('webhooks'))
  const tenantWebhookId = await refusedWebhook(stage, 'webhooks')
  // Nobody listens there, and nothing of the sample asks it.
  await api('PUT', of('hooks/before_password_change'), { url: 'http://127.0.0.1:9/hook' })
  const connection = await api<{ id: string }>('POST', of('sso/connections'), {
    name: 'Acme',
    protocol: 'saml',
    organization_id: organization.id,
    saml: { entity_id: 'https://idp.acme.example', sso_url: 'https://idp.acme.example/sso', certificates: [IDP_KEY.cert] },
    roles: [{ group: 'Accountants', role: 'billing' }],
  })
  await testSignIn(stage, of(`sso/connections/${connection.id}`))
  await api('PUT', of(`sso/break-glass/${ada?.id}`))
  await api('POST', of('sso/connections'), { name: 'Everybody’s', protocol: 'oidc' })
  await api('POST', of('email-domains'), { domain: 'acme.example', organization_id: organization.id })
  const directory = await api<{ id: string }>('POST', of('directories'), { name: 'Entra', organization_id: organization.id })
  const { token } = await api<{ token: string }>('POST', of(`directories/${directory.id}/tokens`))
  await fromTheDirectory(authUrl, token)
  await addTrouble(stage, id)
  const bare = await api<{ id: string }>('POST', 'projects', { name: 'Empty Room' })
  return {
    bareProjectId: bare.id,
    params: {
      projectId: id,
      userId: ada?.id ?? '',
      organizationId: organization.id,
      webhookId,
      tenantWebhookId,
      connectionId: connection.id,
      directoryId: directory.id,
      template: 'sign_in',
      locale: 'de',
    },
  }
}

/** A webhook that was tried once, and what the other side said. */
async function refusedWebhook({ api }: ConsoleStage, path: string): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(503).end('not before noon'))
  await new Promise<void>((listens) => server.listen(0, '127.0.0.1', listens))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/portico`
  const { id } = await api<{ id: string }>('POST', path, { url, description: 'The shop’s backend' })
  await api('POST', `${path}/${id}/test`)
  const tries = async () => (await api<{ tries: unknown[] }[]>('GET', `${path}/${id}/deliveries`))[0]?.tries.length
  await expect.poll(tries).toBe(1)
  server.closeAllConnections()
  server.close()
  return id
}

/** Somebody whose domain is not proven was tried; two keys of ours stand in the metadata. */
async function testSignIn({ api }: ConsoleStage, path: string): Promise<void> {
  await api('PATCH', path, { state: 'testing' })
  await api('POST', `${path}/keys`)
  await api('POST', `${path}/keys`)
  const { url } = await api<{ url: string }>('POST', `${path}/tests`)
  const attributes = { email: 'joan@acme.example', displayName: 'Joan', groups: ['Accountants'] }
  await atTheIdentityProvider(url, { issuer: 'https://idp.acme.example', attributes })
}

/** What an identity provider keeps in step: somebody who is made, and the same again, which is refused. */
async function fromTheDirectory(authUrl: string, token: string): Promise<void> {
  for (const status of [201, 409]) {
    const answer = await fetch(`${authUrl}/scim/v2/Users`, {
      method: 'POST',
      headers: { 'content-type': 'application/scim+json', authorization: `Bearer ${token}` },
      body: JSON.stringify({
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
        userName: 'edsger@acme.example',
        emails: [{ value: 'edsger@acme.example', primary: true }],
      }),
    })
    if (answer.status !== status) throw new Error(`SCIM answered ${answer.status} ${await answer.text()}`)
  }
}

/** What other sides cause: a provider that does not know its client, an address whose mail came back. */
async function addTrouble({ databaseUrl }: ConsoleStage, projectId: string): Promise<void> {
  const sql = await connect(databaseUrl)
  const project = projectId.replace('proj_', '')
  await sql.query(
    `insert into auth.suppressed_address (project_id, address, reason, since) values ($1, 'gone@example.com', 'bounced', now())`,
    [project],
  )
  await sql.query(
    `insert into auth.audit_event (project_id, action, actor_type, resource, resource_id, metadata, created_at) values
       ($1, 'sign_in.refused', 'anonymous', 'provider', 'google', $2, now() + interval '1 second')`,
    [project, { method: 'provider', reason: 'server_error', attempts: 1, problem: 'wrong_client', detail: 'invalid_client' }],
  )
  await sql.close()
}
