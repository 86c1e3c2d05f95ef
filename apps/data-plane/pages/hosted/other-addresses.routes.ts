import { sendAway } from '@portico/http/send-away'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { projectRoutes } from '../../project/project-routes.js'
import type { MailPagePurpose } from '../mail-purpose.js'
import { OtherAddressQuery } from './hosted.body.js'
import type { HostedPages } from './hosted-pages.js'
import type { PageCall } from './visit.js'

type Call = PageCall & { query: OtherAddressQuery }

/** Addresses that are no page themselves and lead to one. */
export function otherAddressRoutes(server: FastifyInstance, pages: HostedPages): void {
  const route = projectRoutes(server)
  const page = { access: 'public', ignoreUnknownQuery: true, onError: pages.onError } as const

  // What forms post to: a tab that is opened again, or «enter» in the address bar, asks for it as a page. Nothing of the step is left then.
  route.get(['/code', '/mfa', '/mfa/enrol', '/continue', '/passkey'], { ...page, query: OtherAddressQuery }, (call) => begin(call, '/sign-in'))
  route.get('/sign-up/confirm', { ...page, query: OtherAddressQuery }, (call) => begin(call, '/sign-up'))
  route.get('/sign-out', { ...page, query: OtherAddressQuery }, (call) => begin(call, '/account'))

  // Short names of the pages behind mailed links; without a token, where such a link is asked for.
  route.get(['/password-reset', '/reset'], { ...page, query: OtherAddressQuery }, (call) => follow(call, 'password_reset', '/forgot'))
  route.get('/confirm', { ...page, query: OtherAddressQuery }, (call) => follow(call, 'email_confirm', '/sign-in'))
  route.get('/magic-link', { ...page, query: OtherAddressQuery }, (call) => follow(call, 'magic_link', '/sign-in'))
  route.get('/invitation', { ...page, query: OtherAddressQuery }, (call) => follow(call, 'invitation', '/sign-in'))

  function begin(call: Call, at: string): FastifyReply {
    const visit = pages.visit(call)
    return pages.refuse(visit) ?? sendAway(visit.reply, visit.to(at))
  }

  function follow(call: Call, purpose: MailPagePurpose | 'magic_link' | 'invitation', asks: string): FastifyReply {
    const { token = '', locale } = call.query
    if (token === '') return begin(call, asks)
    const query = new URLSearchParams({ ...(locale === undefined ? {} : { locale }), token })
    const { base, reply } = pages.visit(call)
    return sendAway(reply, `${base}/mail/${purpose}?${query}`)
  }
}
