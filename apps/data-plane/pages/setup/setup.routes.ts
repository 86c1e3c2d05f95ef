import { deriveToken } from '@portico/crypto/token-digest'
import type { OwnConnection } from '@portico/end-user/setup-links/set-up-connection'
import type { SetupLink } from '@portico/end-user/records/setup-link.store'
import { sendAway } from '@portico/http/send-away'
import { AuthError } from '@portico/kernel/auth-error'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { projectRoutes } from '../../project/project-routes.js'
import type { HostedPages } from '../hosted/hosted-pages.js'
import type { Visit } from '../hosted/visit.js'
import { OpenSetupForm, SetupForm, SetupQuery } from './setup.body.js'
import type { SetupNote } from './setup-page.js'
import { setupView } from './setup.view.js'
import { beginView, closedView, overView } from './setup-link.view.js'
import { setupProblem, type SetupProblem } from './setup-problem.js'

const NOTES: ReadonlySet<string> = new Set<SetupNote>(['saved', 'proven', 'on'])
// Metadata of 400,000 characters, and what a form spells out.
const MAX_FORM_BYTES = 1_048_576

/** `{AUTH_URL}/setup`: an administrator of a customer connects their own identity provider, by a link and without an account here. */
export function setupRoutes(server: FastifyInstance, pages: HostedPages): void {
  const route = projectRoutes(server)
  const { holdSetupLink, setUpConnection, setUpDirectory } = pages.use
  const page = { access: 'public', limit: 'sso_client', ignoreUnknownQuery: true, onError: pages.onError, query: SetupQuery } as const

  route.get('/setup', page, async (call) => {
    const { project, query } = call
    const visit = pages.visit(call)
    const held = await holdSetupLink.held(project, visit.cookies.setup(call.request))
    if (query.token === undefined) return held ? show(visit, held, { note: noteOf(query.done) }) : over(visit)
    const asked = await holdSetupLink.look(project, query.token)
    // The address held the token: what is shown from here on does not.
    if (asked && asked.id === held?.id) return sendAway(call.reply, here(visit))
    if (!asked || asked.openedAt !== null) return over(visit)
    return visit.send(beginView(visit, { link: asked, token: query.token }), { again: [['token', query.token]] })
  })

  route.post('/setup/open', { ...page, acceptsForm: true, body: OpenSetupForm }, async (call) => {
    const { project, body, request, reply, client } = call
    const visit = pages.visit(call)
    if (!visit.isOurForm(body.formToken)) {
      const link = await holdSetupLink.look(project, body.token)
      if (!link || link.openedAt !== null) return over(visit)
      return visit.send(beginView(visit, { link, token: body.token, problem: visit.say('error.form_expired') }), { again: null })
    }
    // Made from the token: a cookie that somebody planted before does not become a second holder. The same for both presses of a double
    // click.
    const holder = deriveToken(Buffer.from(body.token, 'utf8'), ['setup', visit.browser.verifier('setup')])
    try {
      await holdSetupLink.open(project, { token: body.token, holder }, client)
    } catch (thrown) {
      if (pages.noted(visit, thrown).code === 'invalid_or_expired_token') return over(visit)
      throw thrown
    }
    visit.cookies.keepSetup(request, reply, holder)
    return sendAway(reply, here(visit))
  })

  route.post('/setup', { ...page, acceptsForm: true, bodyLimit: MAX_FORM_BYTES, body: SetupForm }, async (call) => {
    const { project, body, request, reply, client } = call
    const visit = pages.visit(call)
    const link = await holdSetupLink.held(project, visit.cookies.setup(request))
    if (!link) return over(visit)
    if (!visit.isOurForm(body.formToken)) {
      return show(visit, link, { problem: { field: null, text: visit.say('error.form_expired') }, status: 403 })
    }
    try {
      if (body.intent === 'test') {
        const ticket = await setUpConnection.test(project, link, client)
        return visit.leadTo(`${pages.urls.issuer(project)}/sso/test?${new URLSearchParams({ ticket, from: 'setup', locale: visit.chosenLocale ?? '' })}`)
      }
      // Shown with this answer and never again.
      if (body.intent === 'create_token') return await show(visit, link, { token: await setUpDirectory.createToken(project, link, client) })
      const done = await act(visit, link, body)
      if (done !== 'finished') return sendAway(reply, here(visit, done))
      visit.cookies.dropSetup(request, reply)
      return visit.send(closedView(visit), { again: null })
    } catch (thrown) {
      const error = pages.noted(visit, thrown)
      if (error.code === 'invalid_or_expired_token') return over(visit)
      return show(visit, link, { problem: setupProblem(visit, error), typed: body, status: error.status })
    }

    async function act(of: Visit, held: SetupLink, form: SetupForm): Promise<SetupNote | 'finished' | null> {
      const { intent, id = '' } = form
      switch (intent) {
        case 'add_domain':
          await setUpConnection.addDomain(project, held, form.domain ?? '', client)
          return null
        case 'check_domain':
          await setUpConnection.checkDomain(project, held, id, client)
          return 'proven'
        case 'remove_domain':
          await setUpConnection.removeDomain(project, held, id, client)
          return null
        case 'choose_saml':
        case 'choose_oidc':
          await setUpConnection.choose(project, held, intent === 'choose_saml' ? 'saml' : 'oidc', client)
          return null
        case 'saml':
        case 'oidc':
          await setUpConnection.save(project, held, ownConnection(intent, form), client)
          return 'saved'
        case 'remove_token':
          await setUpDirectory.removeToken(project, held, id, client)
          return null
        case 'turn_on':
          await setUpConnection.turnOn(project, held, client)
          return 'on'
        case 'finish':
          await holdSetupLink.finish(project, held, client)
          return 'finished'
        default:
          throw new AuthError('invalid_request', { message: `no such step on ${of.base}/setup` })
      }
    }
  })

  async function show(
    visit: Visit,
    link: SetupLink,
    more: { note?: SetupNote | null; problem?: SetupProblem; typed?: SetupForm; status?: number; token?: string },
  ): Promise<FastifyReply> {
    const { project, client } = visit
    // As it is after what was just done.
    const now = (await holdSetupLink.held(project, visit.cookies.setup(visit.request))) ?? link
    const [state, directory] = await Promise.all([setUpConnection.read(project, now, client), setUpDirectory.read(project, now)])
    return visit.send(setupView(visit, { ...state, ...more, directory, issuer: pages.urls.issuer(project) }), { again: [] })
  }

  const here = (visit: Visit, done: SetupNote | null = null): string => {
    const asked = new URLSearchParams(visit.localeQuery)
    if (done !== null) asked.set('done', done)
    return `${visit.base}/setup${asked.size === 0 ? '' : `?${asked}`}`
  }

  function over(visit: Visit): FastifyReply {
    visit.request.errorCode = 'invalid_or_expired_token'
    return visit.send(overView(visit), { again: null })
  }
}

const noteOf = (done: string | undefined): SetupNote | null => (done !== undefined && NOTES.has(done) ? (done as SetupNote) : null)

/** A field that is left empty says nothing of what is stored. */
function ownConnection(protocol: 'saml' | 'oidc', form: SetupForm): OwnConnection {
  const said = (text: string | undefined) => (text === undefined || text.trim() === '' ? undefined : text.trim())
  if (protocol === 'oidc') {
    return { oidc: { issuer: said(form.issuer), clientId: said(form.clientId), clientSecret: said(form.clientSecret) } }
  }
  const [metadataUrl, metadataXml] = [said(form.metadataUrl), said(form.metadataXml)]
  // A file that is handed over stands for itself: an address from before would be read again and undo it.
  return { saml: metadataXml === undefined ? { metadataUrl } : { metadataXml, metadataUrl: null } }
}
