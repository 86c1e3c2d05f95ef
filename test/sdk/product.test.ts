import { randomBytes, randomUUID } from 'node:crypto'
import jwt from 'jsonwebtoken'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type AuthClient, createAuthClient, memoryStorage } from '../../libs/sdk-app/auth-client.js'
import { mfa } from '../../libs/sdk-app/mfa.js'
import { VERIFY_TOKEN_READS, verifyToken } from '../../libs/sdk-app/server.js'
import { isPorticoError, Portico } from '../../libs/sdk-js/portico.js'
import { codeAt } from '../support/authenticator-app.js'
import { startFakeGithub } from '../support/fake-github.js'
import { type RunningProduct, startProduct } from '../support/running-product.js'

const PASSWORD = 'correct horse battery 9!'
const address = () => `${randomBytes(6).toString('hex')}@example.com`
const caught = (promise: PromiseLike<unknown>) => Promise.resolve(promise).then(() => null, (error: unknown) => error as { code?: string })

describe('the SDKs against the running product', () => {
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

  function authClient(url: string, storage = memoryStorage()): AuthClient {
    const client = createAuthClient({ url, storage })
    clients.push(client)
    return client
  }

  async function enabledProject(
    settings: Parameters<Portico['projects']['auth']['enable']>[1] = { allowSignups: true, providers: ['email'] },
  ) {
    const project = await portico.projects.create({ name: 'Blue Bakery' })
    const auth = await portico.projects.auth.enable(project.id, settings)
    if (!auth.authUrl) throw new Error('no AUTH_URL')
    return { projectId: project.id, authUrl: auth.authUrl }
  }

  test('projects: create, read, change, list, delete; metadata stays as it was written', async () => {
    const created = await portico.projects.create({
      name: 'Ada’s shop',
      externalProjectId: 'ext-1',
      metadata: { cost_center: 7, camelCase: true },
    })
    expect(created).toMatchObject({
      id: expect.stringMatching(/^proj_/),
      externalProjectId: 'ext-1',
      metadata: { cost_center: 7, camelCase: true },
    })
    expect(await portico.projects.get(created.id)).toEqual(created)
    expect(await portico.projects.update(created.id, { name: 'Ada’s' })).toMatchObject({ name: 'Ada’s' })
    for (let n = 0; n < 4; n++) await portico.projects.create({ name: `Listed ${n}` })
    const names: string[] = []
    for await (const project of portico.projects.list({ limit: 2, search: 'Listed' })) names.push(project.name)
    expect(names.toSorted()).toEqual(['Listed 0', 'Listed 1', 'Listed 2', 'Listed 3'])
    expect((await portico.projects.delete(created.id)).archivedAt).not.toBeNull()
  })

  test('a repeated call with the same key is answered once; refusals are typed', async () => {
    const [first, second] = await Promise.all([1, 2].map(() => portico.projects.create({ name: 'Once' }, { idempotencyKey: 'once-1' })))
    expect(second).toEqual(first)
    const conflict = await caught(portico.projects.create({ name: 'Other' }, { idempotencyKey: 'once-1' }))
    expect(conflict).toMatchObject({ code: 'idempotency_conflict', status: 409, requestId: expect.any(String) })
    const invalid = await caught(portico.projects.create({ name: '' }))
    expect(isPorticoError(invalid, 'validation_error') && invalid.details[0]?.field).toBe('name')
    expect(await caught(portico.projects.get('proj_00000000-0000-4000-8000-000000000000'))).toMatchObject({ code: 'not_found' })
    const stranger = new Portico({ apiKey: 'msk_live_wrong', baseUrl: product.controlUrl })
    expect(await caught(stranger.projects.list())).toMatchObject({ code: 'unauthenticated', status: 401 })
  })

  test('auth of a project: enable, read, change, boot, rotate, bring your own, disable', async () => {
    const { projectId, authUrl } = await enabledProject()
    const auth = await portico.projects.auth.get(projectId)
    expect(auth).toMatchObject({ projectId, enabled: true, settings: { allowSignups: true, providers: ['email'] } })
    const changed = await portico.projects.auth.update(projectId, {
      accessTokenTtlSeconds: 600,
      limits: { login_account: { points: 50, window_seconds: 60 } },
    })
    expect(changed.settings).toMatchObject({ accessTokenTtlSeconds: 600, limits: { login_account: { points: 50, window_seconds: 60 } } })

    const instance = await portico.instances.boot(projectId, { name: 'web-1' })
    expect(instance.env).toMatchObject({
      AUTH_URL: authUrl,
      AUTH_JWT_SECRET: expect.stringMatching(/^[0-9a-f]{64}$/),
      AUTH_JWT_SECRET_NEXT: expect.any(String),
    })
    expect((await portico.runtimeEnv.get(projectId)).env).toEqual(instance.env)
    expect(await portico.runtimeEnv.get(projectId, { format: 'dotenv' })).toContain(`AUTH_JWT_SECRET=${instance.env['AUTH_JWT_SECRET']}`)
    expect(await portico.instances.heartbeat(projectId, instance.id)).toMatchObject({ current: true })

    const rotation = await portico.projects.auth.rotateSecret(projectId, { deadlineSeconds: 600 })
    expect(rotation).toMatchObject({ mode: 'staged', waitingFor: [{ id: instance.id, name: 'web-1' }] })
    expect(await portico.projects.auth.rotation(projectId)).toEqual(rotation)
    expect(await caught(portico.projects.auth.rotateSecret(projectId))).toMatchObject({ code: 'rotation_in_progress' })
    await portico.projects.auth.cancelRotation(projectId)
    expect(await portico.projects.auth.rotation(projectId)).toBeNull()
    await portico.projects.auth.rotateSecret(projectId)
    expect(await portico.projects.auth.switchRotation(projectId)).toMatchObject({
      state: 'done',
      restartAfterSwitch: [{ id: instance.id, reads: null }],
    })
    const ready = await portico.instances.boot(projectId, { reads: [...VERIFY_TOKEN_READS] })
    await portico.instances.heartbeat(projectId, instance.id, { reads: VERIFY_TOKEN_READS })
    expect((await portico.instances.list(projectId)).data.map(({ reads }) => reads)).toEqual([ready.reads, VERIFY_TOKEN_READS])
    await portico.instances.end(projectId, instance.id)
    await portico.instances.end(projectId, ready.id)
    expect((await portico.instances.list(projectId)).data.at(-1)).toMatchObject({ id: instance.id, live: false })

    expect(await caught(portico.runtimeEnv.set(projectId, { AUTH_URL: 'https://own.example' }))).toMatchObject({ code: 'mixed_auth_pair' })
    await portico.runtimeEnv.set(projectId, { AUTH_URL: 'https://own.example', AUTH_JWT_SECRET: 'own', GREETING: 'hello' })
    expect((await portico.runtimeEnv.list(projectId)).find((variable) => variable.name === 'GREETING')).toMatchObject({ source: 'own' })
    expect((await portico.runtimeEnv.get(projectId)).env).toEqual({
      AUTH_URL: 'https://own.example',
      AUTH_JWT_SECRET: 'own',
      GREETING: 'hello',
    })
    await portico.runtimeEnv.unset(projectId, 'GREETING')
    await portico.runtimeEnv.set(projectId, { AUTH_URL: null, AUTH_JWT_SECRET: null })

    expect((await portico.projects.auth.disable(projectId)).enabled).toBe(false)
    expect((await portico.runtimeEnv.get(projectId)).env).toEqual({})
  })

  test('keys: create, list, use, revoke', async () => {
    const made = await portico.apiKeys.create({ name: 'ci', scopes: ['projects:read'] })
    const limited = new Portico({ apiKey: made.key, baseUrl: product.controlUrl })
    await limited.projects.list()
    expect(await caught(limited.projects.create({ name: 'no' }))).toMatchObject({ code: 'insufficient_scope', status: 403 })
    const listed = await portico.apiKeys.list({ limit: 100 })
    expect(listed.data.find((key) => key.id === made.id)).not.toHaveProperty('key')
    await portico.apiKeys.revoke(made.id)
    expect(await caught(limited.projects.list())).toMatchObject({ code: 'unauthenticated' })
  })

  test('domains of a project', async () => {
    const { projectId } = await enabledProject()
    const domain = await portico.domains.add(projectId, `${randomBytes(4).toString('hex')}.example.com`)
    expect((await portico.domains.list(projectId)).data).toEqual([domain])
    await portico.domains.remove(projectId, domain.id)
    expect((await portico.domains.list(projectId)).data).toEqual([])
  })

  test('providers and captcha of a project: secrets go in and never come out', async () => {
    const { projectId, authUrl } = await enabledProject()
    const github = await startFakeGithub({ id: 'client', secret: 'github-secret' })
    try {
      const { providers, captcha } = portico.projects.auth
      expect(await providers.get(projectId, 'github')).toMatchObject({ configured: false, redirectUri: `${authUrl}/oauth/github/callback` })
      const set = await providers.set(projectId, 'github', { clientId: 'client', clientSecret: 'wrong', baseUrl: github.url })
      expect(set).toMatchObject({ provider: 'github', clientId: 'client', configured: true, enabled: false })
      expect(JSON.stringify(set)).not.toContain('wrong')
      expect(await caught(providers.test(projectId, 'github'))).toMatchObject({
        code: 'provider_test_failed',
        details: [{ field: 'client_secret' }],
      })
      await providers.set(projectId, 'github', { clientId: 'client', clientSecret: 'github-secret', baseUrl: github.url })
      expect(await providers.test(projectId, 'github')).toMatchObject({ ok: true })
      await providers.set(projectId, 'oidc:acme', { clientId: 'acme', clientSecret: 'acme-secret', issuer: 'https://id.acme.example' })
      expect(
        (await providers.list(projectId))
          .filter((provider) => provider.configured)
          .map(({ provider }) => provider)
          .toSorted(),
      ).toEqual(['github', 'oidc:acme'])
      await providers.remove(projectId, 'oidc:acme')
      expect((await providers.list(projectId)).filter((provider) => provider.configured)).toHaveLength(1)

      expect(await captcha.get(projectId)).toBeNull()
      expect(await captcha.set(projectId, { provider: 'turnstile', siteKey: 'site', secret: 'captcha-secret' })).toEqual({
        provider: 'turnstile',
        siteKey: 'site',
      })
      expect(await captcha.get(projectId)).toEqual({ provider: 'turnstile', siteKey: 'site' })
      await captcha.remove(projectId)
      expect(await captcha.get(projectId)).toBeNull()
    } finally {
      await github.close()
    }
  })

  test('users are invited, and helped when they lost their second factor', async () => {
    const { projectId, authUrl } = await enabledProject({ allowSignups: true, mfa: 'optional' })
    const email = address()
    const invited = await portico.users.invite(projectId, { email, metadata: { plan_name: 'pro' } })
    expect(invited).toMatchObject({ email, emailVerified: false, metadata: { plan_name: 'pro' } })
    const link = await product.mailedLink(email, /invit/i)
    const client = authClient(authUrl)
    await client.acceptInvitation({ token: link.searchParams.get('token') ?? '', password: PASSWORD })
    const app = await mfa(client).enrolTotp()
    await mfa(client).activate({ factorId: app.factorId, code: codeAt(app.otpauthUri, new Date()) })
    expect((await client.logIn({ email, password: PASSWORD })).mfaRequired).toBe(true)
    expect(await portico.users.resetFactors(projectId, invited.id)).toEqual({ factorsRemoved: 1, sessionsEnded: 1 })
    expect(await client.logIn({ email, password: PASSWORD })).toMatchObject({ user: { email } })
  })

  test('users of a project, as an administrator; the audit log tells', async () => {
    const { projectId, authUrl } = await enabledProject()
    const email = address()
    const user = await portico.users.create(projectId, { email, password: PASSWORD, metadata: { plan_name: 'pro' } })
    expect(user).toMatchObject({ email, metadata: { plan_name: 'pro' }, disabled: false })
    expect((await portico.users.list(projectId, { search: email })).data).toHaveLength(1)
    const { data, page } = await portico.users.list(projectId, {
      email: email.toUpperCase(),
      provider: 'password',
      state: 'unconfirmed',
      sort: '-last_sign_in_at',
    })
    expect([data.map(({ id }) => id), page]).toEqual([[user.id], { limit: 20, nextCursor: null, total: 1, totalIs: 'exact' }])
    const exported = []
    for await (const one of portico.users.export(projectId, { state: 'enabled' })) exported.push(one)
    expect(exported).toEqual([user])
    let csv = ''
    for await (const part of portico.users.exportText(projectId, { format: 'csv' })) csv += part
    expect(csv).toContain(`${user.id},${email},false,false`)
    const refused = portico.users.export(projectId, { state: 'happy' })[Symbol.asyncIterator]()
    expect(await caught(refused.next())).toMatchObject({ code: 'validation_error', status: 422 })
    const stranger = randomUUID()
    expect(await portico.users.bulk(projectId, { action: 'end_sessions', ids: [user.id, stranger] })).toMatchObject({
      succeeded: 1, failed: 1, results: [{ id: user.id, ok: true }, { id: stranger, ok: false, error: { code: 'not_found' } }],
    })
    expect((await portico.users.update(projectId, user.id, { metadata: { plan_name: 'free' } })).metadata).toEqual({ plan_name: 'free' })
    expect((await portico.users.update(projectId, user.id, { appMetadata: { paid_until: '2027' } })).appMetadata).toEqual({ paid_until: '2027' })
    const client = authClient(authUrl)
    expect(await client.logIn({ email, password: PASSWORD })).toMatchObject({ user: { appMetadata: { paid_until: '2027' } } })
    const [session] = await portico.users.sessions(projectId, user.id)
    expect(session?.device).toEqual({ browser: 'node', system: null })
    expect(await portico.users.passkeys(projectId, user.id)).toEqual([])
    const told = (await portico.auditLog.list({ projectId, userId: user.id })).data.map(({ action }) => action)
    expect([told[0], told.at(-1)]).toEqual(['session.started', 'user.created'])
    await portico.users.endSessions(projectId, user.id)
    expect(await caught(client.getUser())).toMatchObject({ code: 'session_ended' })
    expect(await client.getSession()).toBeNull()
    await portico.users.disable(projectId, user.id)
    expect(await caught(client.logIn({ email, password: PASSWORD }))).toMatchObject({ code: 'invalid_credentials' })
    await portico.users.enable(projectId, user.id)
    await client.logIn({ email, password: PASSWORD })
    await portico.users.sendRecovery(projectId, user.id)
    await portico.users.delete(projectId, user.id)
    expect(await caught(portico.users.get(projectId, user.id))).toMatchObject({ code: 'not_found' })
    const actions: string[] = []
    for await (const entry of portico.auditLog.list({ projectId, limit: 3 })) actions.push(entry.action)
    expect(actions.length).toBeGreaterThan(4)
  })

  test.each(['HS256', 'ES256'] as const)('an end user’s whole day with %s: sign up, verify, refresh, change, log out', async (tokenAlgorithm) => {
    const { projectId, authUrl } = await enabledProject({ allowSignups: true, tokenAlgorithm })
    const { env } = await portico.instances.boot(projectId, {})
    const client = authClient(authUrl)
    const email = address()
    const signedUp = await client.signUp({ email, password: PASSWORD, metadata: { first_name: 'Ada' } })
    if (!signedUp.session) throw new Error('not asked for')
    expect(signedUp.user).toMatchObject({ email, emailVerified: false, metadata: { first_name: 'Ada' } })

    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
    const claims = await verifyToken(signedUp.session.accessToken)
    expect(claims).toMatchObject({ sub: signedUp.user.id, email, iss: authUrl, amr: ['pwd'] })
    if (tokenAlgorithm === 'HS256')
      expect(jwt.verify(signedUp.session.accessToken, env['AUTH_JWT_SECRET'] ?? '')).toMatchObject({ sub: signedUp.user.id })
    expect(claims).not.toHaveProperty('aud')
    expect(await caught(verifyToken(signedUp.session.accessToken, { audience: 'proj_other' }))).toMatchObject({ code: 'invalid_token' })
    vi.unstubAllEnvs()

    expect(await client.verify()).toMatchObject({ valid: true, userId: signedUp.user.id, claims: { email_verified: false } })
    expect(await client.verify('rubbish')).toEqual({ valid: false })
    expect((await client.updateUser({ metadata: { last_name: 'Lovelace' } })).metadata).toEqual({
      first_name: 'Ada',
      last_name: 'Lovelace',
    })

    const elsewhere = authClient(authUrl)
    await elsewhere.logIn({ email, password: PASSWORD })
    const sessions = await client.sessions.list()
    expect(sessions.map((session) => session.current).toSorted()).toEqual([false, true])
    await client.changePassword({ currentPassword: PASSWORD, password: `${PASSWORD}2` })
    expect(await caught(elsewhere.getUser())).toMatchObject({ code: 'session_ended' })
    expect(await elsewhere.getSession()).toBeNull()
    expect((await client.getUser()).email).toBe(email)

    await client.logOut()
    expect(await client.verify(signedUp.session.accessToken)).toEqual({ valid: false })
    await client.logIn({ email, password: `${PASSWORD}2` })
    await client.deleteUser({ password: `${PASSWORD}2` })
    expect(await client.getSession()).toBeNull()
  })

  test('mail: reset and confirmation with the links that were sent', async () => {
    const { authUrl } = await enabledProject({ requireEmailConfirmation: true })
    const client = authClient(authUrl)
    const email = address()
    expect(await client.signUp({ email, password: PASSWORD })).toMatchObject({ confirmationRequired: true })
    const confirmToken = (await product.mailedLink(email, /confirm/i)).searchParams.get('token') ?? ''
    // There is no session yet; the proof key of the sign-up shows that the password is this person's.
    expect((await client.confirmEmail({ token: confirmToken })).emailVerified).toBe(true)
    // A second press is the first one again for two minutes.
    expect((await client.confirmEmail({ token: confirmToken })).emailVerified).toBe(true)
    expect(await caught(client.confirmEmail({ token: `${confirmToken}x` }))).toMatchObject({ code: 'invalid_or_expired_token' })
    await client.logIn({ email, password: PASSWORD })
    expect(await client.resetPassword({ email })).toEqual({ ok: true, delivery: 'queued' })
    const resetToken = (await product.mailedLink(email, /password/i)).searchParams.get('token') ?? ''
    await client.confirmPasswordReset({ token: resetToken, password: `${PASSWORD}3` })
    expect(await caught(client.getUser())).toMatchObject({ code: 'session_ended' })
    await client.logIn({ email, password: `${PASSWORD}3` })
    await client.resendConfirmation({ email })
  })

  test('many tabs, one child: sessions go on through refreshes and an outage of the project', async () => {
    const { projectId, authUrl } = await enabledProject({ accessTokenTtlSeconds: 60 })
    const storage = memoryStorage()
    const tabs = [1, 2, 3].map(() => authClient(authUrl, storage))
    const email = address()
    const { session } = await tabs[0]!.signUp({ email, password: PASSWORD })
    const key = `portico.auth:${authUrl}`
    const age = async () =>
      storage.setItem(key, JSON.stringify({ ...(JSON.parse((await storage.getItem(key)) ?? '') as object), localExpiry: Date.now() }))
    for (let round = 0; round < 5; round++) {
      await age()
      const tokens = await Promise.all(tabs.map(async (tab) => (await tab.getSession())?.accessToken))
      expect(new Set(tokens).size).toBe(1)
      expect(tokens[0]).not.toBe(session?.accessToken)
    }
    expect(await tabs[0]!.sessions.list()).toHaveLength(1)
    await portico.projects.auth.disable(projectId)
    await age()
    await vi.waitFor(async () => expect(await caught(tabs[1]!.getUser())).toMatchObject({ code: 'auth_disabled' }), { timeout: 10_000 })
    expect((await tabs[1]!.getSession())?.user.email).toBe(email)
    await portico.projects.auth.enable(projectId, {})
    await vi.waitFor(async () => expect((await tabs[2]!.getUser()).email).toBe(email), { timeout: 10_000 })
  })
})
