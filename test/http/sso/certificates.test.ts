import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { selfSignedCertificate } from '@portico/crypto/self-signed-certificate'
import { MovableClock } from '@portico/kernel/clock'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { signUp } from '../../support/data-plane.js'
import { idpMetadata } from '../../support/saml-idp.js'
import { OTHER_KEY } from '../../support/saml-keys.js'
import { samlConnection, startSsoFixture, type SsoFixture } from '../../support/sso-fixture.js'

const DAY = 86_400
const clock = new MovableClock()
let fixture: SsoFixture
let project: Awaited<ReturnType<SsoFixture['project']>>
beforeAll(async () => {
  fixture = await startSsoFixture({ clock, certificatesMs: 100 })
  project = await fixture.project(['email'])
})
afterAll(() => fixture?.close())

const noted = async (id: string, action: string) => {
  const text = 'select metadata from auth.audit_event where project_id = $1 and action = $2 and resource_id = $3 order by created_at'
  const rows = await fixture.owner.query<{ metadata: Record<string, unknown> }>(text, [project.uuid, action, id])
  return rows.map(({ metadata }) => metadata)
}

/** Whoever runs the tenant of the project, as people of a console. */
async function operator(): Promise<string> {
  const people = await fixture.project(['email'])
  const tenant = '(select tenant_id from platform.project where id = $1)'
  await fixture.owner.query(
    `insert into platform.console (tenant_id, people_project_id, created_at, updated_at) values (${tenant}, $2, now(), now())
      on conflict (only_row) do update set people_project_id = excluded.people_project_id`,
    [project.uuid, people.uuid],
  )
  const [owner, viewer] = [await signUp(people.base, {}), await signUp(people.base, {})]
  for (const [who, role] of [[owner, 'owner'], [viewer, 'viewer']] as const) {
    const text = `insert into platform.member (tenant_id, user_id, role, source, created_at, updated_at) values (${tenant}, $2, $3, 'team', now(), now())`
    await fixture.owner.query(text, [project.uuid, who.userId, role])
  }
  return owner.email
}

test('a certificate that runs out is announced 30, 7 and 1 days before, once each, in the log and by mail to whoever runs the tenant', async () => {
  const address = await operator()
  const until = new Date(clock.now().getTime() + 40 * DAY * 1_000)
  const { certificate } = await selfSignedCertificate({ name: 'IdP', serial: randomBytes(16), from: new Date(), until })
  const saml = { metadata_xml: idpMetadata({ certificates: [certificate] }) }
  const { id } = await samlConnection(fixture, project, { name: 'Acme SAML', saml })
  const draft = await fixture.connect(project.id, { name: 'Draft', protocol: 'saml', saml })
  const mails = () => fixture.resend.mails.filter(({ subject }) => subject.includes('Acme SAML'))
  const expected: number[] = []
  for (const [days, left] of [[11, 30], [23, 7], [5.5, 1]] as const) {
    clock.advanceSeconds(days * DAY)
    expected.push(left)
    const announced = async () => (await noted(id, 'sso.certificate_expiring')).map((row) => row['days'])
    await expect.poll(announced, { timeout: 10_000 }).toEqual(expected)
    await expect.poll(() => mails().length, { timeout: 10_000 }).toBe(expected.length)
  }
  const [row] = await noted(id, 'sso.certificate_expiring')
  expect(row).toMatchObject({ connection: 'Acme SAML', whose: 'identity_provider', days: 30 })
  const day = until.toISOString().slice(0, 10)
  expect(mails().map(({ to, subject }) => [to, subject])).toEqual(
    Array.from({ length: 3 }, () => [address, expect.stringContaining(`runs out on ${day}`)]),
  )
  // Looked at once more, nothing is said again.
  const looked = async () => (await fixture.owner.query<{ at: Date }>('select checked_at as at from auth.sso_connection where id = $1', [id]))[0]!.at
  const before = await looked()
  clock.advanceSeconds(0.3 * DAY)
  await expect.poll(async () => (await looked()) > before, { timeout: 10_000 }).toBe(true)
  expect([(await noted(id, 'sso.certificate_expiring')).length, await noted(draft.id, 'sso.certificate_expiring')]).toEqual([3, []])
})

test('metadata at an address are read again: other certificates count from then on, and what is no metadata changes nothing', async () => {
  let xml = idpMetadata()
  let asked = 0
  const server = createServer((_request, response) => {
    asked += 1
    response.end(xml)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metadata`
  const { id } = await samlConnection(fixture, project, { saml: { metadata_url: url, metadata_xml: undefined } })
  const pems = async () =>
    ((await fixture.control.call('GET', `projects/${project.id}/sso/connections/${id}`)).body.data.saml.certificates as { pem: string }[]).map(({ pem }) => pem)
  const first = await pems()
  xml = idpMetadata({ certificates: [OTHER_KEY.cert] })
  clock.advanceSeconds(0.3 * DAY)
  await expect.poll(async () => (await noted(id, 'sso.metadata_refreshed')).length, { timeout: 10_000 }).toBe(1)
  const second = await pems()
  expect([second.length, second[0] === first[0]]).toEqual([1, false])
  xml = '<nothing/>'
  const before = asked
  clock.advanceSeconds(0.3 * DAY)
  await expect.poll(() => asked, { timeout: 10_000 }).toBeGreaterThan(before)
  expect([await pems(), (await noted(id, 'sso.metadata_refreshed')).length]).toEqual([second, 1])
  server.close()
})
