import { sendAway } from '@portico/http/send-away'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { projectRoutes } from '../../project/project-routes.js'
import { refusalText } from '../words/refusals.js'
import { FlowQuery, OrganizationForm } from './hosted.body.js'
import type { HostedPages } from './hosted-pages.js'
import { joinedView, organizationView } from './organization.view.js'
import type { Visit } from './visit.js'

/** Between the sign-in and the app, for whoever belongs to an organization or is invited to one. */
export function organizationRoutes(server: FastifyInstance, pages: HostedPages): void {
  const route = projectRoutes(server)
  const { organizations } = pages.finish
  const page = { access: 'public', ignoreUnknownQuery: true, onError: pages.onError } as const

  route.get('/organization', { ...page, query: FlowQuery }, async (call) => {
    const visit = pages.visit(call)
    const refusal = pages.refuse(visit)
    if (refusal) return refusal
    const session = await pages.session(visit)
    return session === null ? signIn(visit) : pages.finish.on(visit, session)
  })

  route.post('/organization', { ...page, acceptsForm: true, query: FlowQuery, body: OrganizationForm }, async (call) => {
    const visit = pages.visit(call)
    const refusal = pages.refuse(visit)
    if (refusal) return refusal
    const session = await pages.session(visit)
    if (session === null) return signIn(visit)
    const { intent = 'none', id = '', formToken } = call.body
    const on = () => pages.finish.toApp(visit, { id: session.id, userId: session.user.id, amr: session.amr })
    try {
      if (!visit.isOurForm(formToken)) return await again(visit, visit.say('error.form_expired'), 403)
      if (intent === 'accept' || intent === 'decline') {
        await pages.admitChange(visit, session.user.id)
        const name = await organizations.answer(visit, session, { id, accept: intent === 'accept' })
        if (intent === 'decline') return await pages.finish.on(visit, session, { answered: true })
        return visit.flow.app === null ? visit.send(joinedView(visit, name), { again: null }) : await on()
      }
      await organizations.choose(visit, session, intent === 'choose' ? id : null)
      return await on()
    } catch (thrown) {
      const { code, status } = pages.noted(visit, thrown)
      return again(visit, refusalText(visit.words, code), status)
    }

    async function again(of: Visit, problem: string, status: number): Promise<FastifyReply> {
      const choice = session === null ? null : await organizations.offered(of, session.user)
      const shown = choice ?? { organizations: [], invitations: [] }
      return of.send(organizationView(of, { ...shown, email: session?.user.email ?? '', problem, status }), { again: null })
    }
  })

  const signIn = (visit: Visit) => sendAway(visit.reply, visit.to('/sign-in'))
}
