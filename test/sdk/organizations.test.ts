import { randomBytes } from 'node:crypto'
import jwt from 'jsonwebtoken'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AuthClient, createAuthClient, memoryStorage } from '../../libs/sdk-app/auth-client.js'
import { organizations } from '../../libs/sdk-app/organizations.js'
import { Portico } from '../../libs/sdk-js/portico.js'
import { type RunningProduct, startProduct } from '../support/running-product.js'

const PASSWORD = 'correct horse battery 9!'
const address = () => `${randomBytes(6).toString('hex')}@example.com`

let product: RunningProduct
let portico: Portico
const clients: AuthClient[] = []
beforeAll(async () => {
  product = await startProduct()
  portico = new Portico({ apiKey: product.key, baseUrl: product.controlUrl })
})
afterAll(async () => {
  for (const client of clients) client.close()
  await product.stop()
})

test('a company from its first admin to somebody who joins by the mailed link, with both SDKs', async () => {
  const project = await portico.projects.create({ name: 'Books' })
  const { authUrl } = await portico.projects.auth.enable(project.id, { organizations: 'self_service' })
  const client = () => {
    const made = createAuthClient({ url: authUrl!, storage: memoryStorage() })
    clients.push(made)
    return made
  }
  const boss = client()
  await boss.signUp({ email: address(), password: PASSWORD })
  const company = await organizations(boss).create({ name: 'Acme' })
  const session = await organizations(boss).activate(company.id)
  expect(jwt.decode(session.accessToken)).toMatchObject({ org_id: company.id, org_slug: 'acme', org_role: 'admin' })
  expect(await organizations(boss).list()).toMatchObject([{ id: company.id, role: 'admin' }])

  await portico.organizations.setRoleDefinition(project.id, 'clerk', { name: 'Clerk', permissions: ['invoices.write'] })
  const newcomer = address()
  await organizations(boss).invite(company.id, { email: newcomer, role: 'clerk' })
  const token = (await product.mailedLink(newcomer, /invited to Acme/)).searchParams.get('token')!
  const clerk = client()
  await clerk.acceptInvitation({ token, password: PASSWORD })
  expect((await organizations(boss).members(company.id)).data.map(({ email, role }) => [email, role])).toContainEqual([newcomer, 'clerk'])

  const clerkSession = await organizations(clerk).activate(company.id)
  expect(jwt.decode(clerkSession.accessToken)).toMatchObject({ org_role: 'clerk', permissions: ['invoices.write'] })
  await expect(organizations(clerk).invite(company.id, { email: address() })).rejects.toMatchObject({ code: 'forbidden' })

  const members = []
  for await (const member of portico.organizations.members(project.id, company.id, { limit: 1 })) members.push(member.role)
  expect(members).toEqual(['admin', 'clerk'])
  await portico.organizations.removeMember(project.id, company.id, clerkSession.user.id)
  await expect(organizations(clerk).list()).resolves.toEqual([])
})
