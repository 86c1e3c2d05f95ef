import { randomUUID } from 'node:crypto'
import { BrowserClient } from './browser-client.js'
import { call, type Answer } from './data-plane.js'
import { idpMetadata, inBase64, readSamlRequest, samlXml, type AskedSaml, type SaidSaml } from './saml-idp.js'
import { APP_CALLBACK, proofKey, startSignInFixture, type ProofKey, type SignInFixture } from './sign-in-fixture.js'

interface Changed {
  status: number
  body: { data?: unknown; error?: { code: string } }
}

export interface SsoFixture extends SignInFixture {
  connect(project: string, body: Record<string, unknown>): Promise<Record<string, never> & { id: string }>
  change(project: string, id: string, body: Record<string, unknown>): Promise<Changed>
  /** A domain that its owner has proven. */
  provenDomain(project: { id: string; uuid: string }, organizationId?: string): Promise<string>
  organization(project: string): Promise<{ id: string; slug: string }>
}

export async function startSsoFixture(options: Parameters<typeof startSignInFixture>[0] = {}): Promise<SsoFixture> {
  const fixture = await startSignInFixture(options)
  const at = (project: string, path: string) => `projects/${project}/${path}`
  return {
    ...fixture,
    connect: async (project, body) => {
      const made = await fixture.control.call('POST', at(project, 'sso/connections'), body)
      if (made.status !== 201) throw new Error(made.text)
      return made.body.data
    },
    change: (project, id, body) => fixture.control.call('PATCH', at(project, `sso/connections/${id}`), body),
    provenDomain: async ({ id, uuid }, organizationId) => {
      const domain = `${randomUUID().slice(0, 8)}.acme.example`
      const owner = organizationId === undefined ? {} : { organization_id: organizationId }
      const added = await fixture.control.call('POST', at(id, 'email-domains'), { domain, ...owner })
      if (added.status !== 201) throw new Error(added.text)
      await fixture.owner.query('update auth.email_domain set verified_at = now() where project_id = $1 and domain = $2', [uuid, domain])
      return domain
    },
    organization: async (project) => {
      const made = await fixture.control.call('POST', at(project, 'organizations'), { name: `Acme ${randomUUID().slice(0, 8)}` })
      return made.body.data
    },
  }
}

/** A SAML connection in use, with a proven domain of its own. */
export async function samlConnection(
  fixture: SsoFixture,
  project: { id: string; uuid: string },
  { organizationId, saml = {}, ...more }: Record<string, unknown> & { organizationId?: string; saml?: Record<string, unknown> } = {},
): Promise<{ id: string; domain: string }> {
  const domain = await fixture.provenDomain(project, organizationId)
  const { id } = await fixture.connect(project.id, {
    name: 'Acme', protocol: 'saml', state: 'active', domains: [domain], saml: { metadata_xml: idpMetadata(), ...saml },
    ...(organizationId === undefined ? {} : { organization_id: organizationId }),
    ...more,
  })
  return { id, domain }
}

export function ssoStart(base: string, key: ProofKey, question: Record<string, string>): string {
  const query = { redirect_to: APP_CALLBACK, code_challenge: key.challenge, code_challenge_method: 'S256', state: 'app-state', ...question }
  return `${base}/sso/start?${new URLSearchParams(query)}`
}

export interface BegunSaml {
  browser: BrowserClient
  key: ProofKey
  asked: AskedSaml
}

/** Up to the identity provider. */
export async function beginSaml(base: string, question: Record<string, string>, browser = new BrowserClient()): Promise<BegunSaml> {
  const key = proofKey()
  const page = await browser.open(ssoStart(base, key, question))
  const asked = page.location ? readSamlRequest({ url: page.location }) : readSamlRequest({ form: page.text })
  if (asked.id === '') throw new Error(`no request: ${page.status} ${page.text}`)
  return { browser, key, asked }
}

/** Posts a response as a page of the identity provider does, and once more where our page asks the browser to. */
export async function postSaml(browser: BrowserClient, acsUrl: string, fields: { SAMLResponse: string; RelayState: string }) {
  const page = await browser.open(acsUrl, { form: fields })
  return page.text.includes('name="again"') ? browser.open(acsUrl, { form: { ...fields, again: '1' } }) : page
}

/** What the app is told: the code, or the error. */
export async function bringSaml({ browser, asked }: BegunSaml, xml: string, relayState = asked.relayState) {
  const page = await postSaml(browser, asked.acsUrl, { SAMLResponse: inBase64(xml), RelayState: relayState })
  const landed = page.location
  return { status: page.status, landed, code: landed?.searchParams.get('code') ?? null, error: landed?.searchParams.get('error') ?? null }
}

export async function signInBySaml(
  base: string,
  question: Record<string, string>,
  said: SaidSaml,
): Promise<{ error: string | null; session: Answer | null }> {
  const begun = await beginSaml(base, question)
  const { code, error } = await bringSaml(begun, await samlXml(begun.asked, said))
  return { error, session: code === null ? null : await call(`${base}/token/exchange`, { body: { code, code_verifier: begun.key.verifier } }) }
}
