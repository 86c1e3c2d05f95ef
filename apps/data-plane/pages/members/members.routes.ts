import { asMember } from '@portico/end-user/organizations/organization-actor'
import { setupLinkState, type SetupLinkState } from '@portico/end-user/setup-links/manage-setup-links'
import type { AuthenticatedSession } from '@portico/end-user/steps/authenticate'
import { sendAway } from '@portico/http/send-away'
import { AuthError, type ErrorCode } from '@portico/kernel/auth-error'
import { isUuid } from '@portico/kernel/ids'
import { readPage, toPage } from '@portico/kernel/paging'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { projectRoutes } from '../../project/project-routes.js'
import type { HostedPages } from '../hosted/hosted-pages.js'
import type { Visit } from '../hosted/visit.js'
import { refusalText } from '../words/refusals.js'
import { MembersForm, MembersQuery } from './members.body.js'
import { membersView, type MembersNote, type MembersProblem } from './members.view.js'
import type { SetupLinksPart } from './setup-links.view.js'

const NOTES: ReadonlySet<string> = new Set<MembersNote>(['invited', 'changed', 'removed'])
const PAGE = 50
const LIVE: ReadonlySet<SetupLinkState> = new Set(['waiting', 'open'])

/** `{AUTH_URL}/organization/members`: who belongs to an organization and in what role, for its people. Uses what the JSON routes use. */
export function membersRoutes(server: FastifyInstance, pages: HostedPages): void {
  const route = projectRoutes(server)
  const { use } = pages
  const page = { access: 'public', ignoreUnknownQuery: true, onError: pages.onError, query: MembersQuery } as const

  route.get('/organization/members', page, async (call) => {
    const visit = pages.visit(call)
    const session = await pages.session(visit)
    if (session === null) return signIn(visit)
    const organizationId = await chosen(visit, session, call.query.id)
    // Also where the address named none: what the buttons are about is in the address that they send to.
    if (organizationId !== call.query.id) return sendAway(call.reply, here(visit, organizationId))
    return show(visit, session, { ...call.query, id: organizationId })
  })

  route.post('/organization/members', { ...page, acceptsForm: true, body: MembersForm }, async (call) => {
    const { project, query, body, client } = call
    const visit = pages.visit(call)
    const session = await pages.session(visit)
    if (session === null) return signIn(visit)
    const id = await chosen(visit, session, query.id)
    if (!visit.isOurForm(body.formToken)) {
      return show(visit, session, { id }, { problem: { text: visit.say('error.form_expired'), field: null, status: 403 } })
    }
    const actor = asMember(project, session, client)
    try {
      await pages.admitChange(visit, session.user.id)
      // Shown with this answer and never again.
      if (body.intent === 'create_link') return await show(visit, session, { id }, { made: await createLink() })
      return sendAway(visit.reply, await act())
    } catch (thrown) {
      const { code, status, details } = pages.noted(visit, thrown)
      if (code === 'not_found' && body.intent === 'leave') return sendAway(visit.reply, here(visit, null))
      const field = details?.[0]?.field === 'email' ? 'email' : null
      const own = body.intent === 'create_link' && code === 'conflict' ? visit.say('members.sso_full') : refusal(visit, code)
      const wrongAddress = code === 'conflict' ? visit.say('members.already_member') : visit.say('error.email')
      const text = field === 'email' ? wrongAddress : own
      return show(visit, session, { id }, { problem: { text, field, status, email: body.email ?? '' } })
    }

    async function createLink(): Promise<string> {
      const { connectionId = '' } = body
      const { token } = await use.setupLinks.create(project, actor, id, connectionId === '' ? null : connectionId)
      return `${pages.urls.issuer(project)}/setup?token=${token}`
    }

    async function act(): Promise<string> {
      const { userId = '', role = '', email = '', invitationId = '', linkId = '' } = body
      switch (body.intent) {
        case 'invite':
          await pages.admitMail(visit)
          await use.inviteMember.execute(project, actor, id, { email, role })
          return here(visit, id, 'invited')
        case 'revoke':
          await use.revokeOrganizationInvitation.execute(project, actor, id, invitationId)
          return here(visit, id, 'removed')
        case 'revoke_link':
          await use.setupLinks.revoke(project, actor, id, linkId)
          return here(visit, id, 'removed')
        case 'change':
          await use.changeOrganizationMember.execute(project, actor, id, { userId, role })
          return here(visit, id, 'changed')
        case 'remove':
          await use.removeOrganizationMember.execute(project, actor, id, userId)
          return here(visit, id, 'removed')
        case 'leave':
          await use.removeOrganizationMember.execute(project, actor, id, session?.user.id ?? '')
          return `${visit.base}/account${visit.localeQuery}`
        default:
          throw new AuthError('invalid_request')
      }
    }
  })

  async function show(
    visit: Visit, session: AuthenticatedSession, query: MembersQuery & { id: string },
    { problem, made = null }: { problem?: MembersProblem; made?: string | null } = {},
  ) {
    const { project, client } = visit
    const { id, done, cursor } = query
    const actor = asMember(project, session, client)
    const [organization, roles, own] = await Promise.all([
      use.readOrganization.execute(project, actor, id),
      use.listOrganizationRoles.execute(project, id),
      use.listOwnOrganizations.execute(project, session),
    ])
    const ownRole = own.find((each) => each.organization.id === id)?.role ?? ''
    const permissions = roles.find(({ key }) => key === ownRole)?.permissions ?? []
    const asked = readPage({ limit: PAGE, cursor })
    const manages = permissions.includes('members.manage')
    const [members, invitations, setup] = await Promise.all([
      permissions.includes('members.read') ? use.listOrganizationMembers.execute(project, actor, id, asked) : [],
      manages ? use.listOrganizationInvitations.execute(project, actor, id) : [],
      permissions.includes('sso.manage') ? readSetup(visit, session, id) : null,
    ])
    const { items, nextCursor } = toPage(members, asked, (member) => ({ at: member.createdAt, id: member.userId }))
    const content = membersView(visit, {
      organization, roles, members: items, invitations, manages, setup, made, self: session.user.id,
      action: here(visit, id), more: nextCursor === null ? null : `${here(visit, id)}&${new URLSearchParams({ cursor: nextCursor })}`,
      note: done !== undefined && NOTES.has(done) ? (done as MembersNote) : null,
      ...(problem && { problem }),
    })
    return visit.send(content, { again: [['id', id]] })
  }

  async function readSetup({ project, client }: Visit, session: AuthenticatedSession, id: string): Promise<SetupLinksPart> {
    const actor = asMember(project, session, client)
    const [links, connections] = await Promise.all([use.setupLinks.list(project, actor, id), use.connectionsOf.execute(project, actor, id)])
    const now = use.setupLinks.now()
    return { connections, links: links.filter((link) => LIVE.has(setupLinkState(link, now))) }
  }

  /** Throws `organizations_not_enabled`, and `not_found` for one that the person does not belong to, or when they belong to none. */
  async function chosen({ project }: Visit, session: AuthenticatedSession, asked: string | undefined): Promise<string> {
    const own = await use.listOwnOrganizations.execute(project, session)
    const found = asked === undefined ? own[0] : own.find(({ organization }) => organization.id === asked)
    if (!found || (asked !== undefined && !isUuid(asked))) throw new AuthError('not_found')
    return found.organization.id
  }

  const here = (visit: Visit, id: string | null, done: MembersNote | null = null): string => {
    const asked = new URLSearchParams(visit.localeQuery)
    if (id !== null) asked.set('id', id)
    if (done !== null) asked.set('done', done)
    return `${visit.base}/organization/members${asked.size === 0 ? '' : `?${asked}`}`
  }

  const signIn = (visit: Visit): FastifyReply => sendAway(visit.reply, `${visit.base}/sign-in${visit.localeQuery}`)
}

const refusal = ({ say, words }: Visit, code: ErrorCode): string =>
  code === 'last_admin' || code === 'forbidden' ? say(`members.${code}`) : refusalText(words, code)
