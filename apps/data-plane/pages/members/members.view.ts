import type { Organization } from '@portico/end-user/records/organization'
import type { OrganizationInvitation } from '@portico/end-user/records/organization-invitation.store'
import type { OrganizationMember } from '@portico/end-user/records/organization-member.store'
import type { OrganizationRole } from '@portico/end-user/records/organization-role.store'
import { html, type SafeHtml } from '@portico/http/html-page'
import { DEFAULT_ORGANIZATION_ROLES } from '@portico/kernel/organization-roles'
import type { Visit } from '../hosted/visit.js'
import { alert, field, hidden } from '../look/controls.js'
import type { Content } from '../look/frame.js'
import { isMessageKey } from '../words/words.js'
import { act } from './member-form.js'
import { madeLink, setupLinksSection, type SetupLinksPart } from './setup-links.view.js'

/** What was done on the page before. */
export type MembersNote = 'invited' | 'changed' | 'removed'

export interface MembersProblem {
  text: string
  /** Beside which field; `null`: above all of it. */
  field: 'email' | null
  status: number
  email?: string
}

export interface MembersPage {
  organization: Organization
  roles: readonly OrganizationRole[]
  members: readonly OrganizationMember[]
  invitations: readonly OrganizationInvitation[]
  /** Whether the visitor may change anything. */
  manages: boolean
  /** Id of the visitor. */
  self: string
  /** Where the forms of the page send to. */
  action: string
  /** The next page; `null`: there is none. */
  more: string | null
  note: MembersNote | null
  /** `null`: the visitor may not manage single sign-on here. */
  setup: SetupLinksPart | null
  /** A set-up link that was made just now. */
  made: string | null
  problem?: MembersProblem
}

export function membersView(visit: Visit, page: MembersPage): Content {
  const { say } = visit
  const { organization, members, invitations, manages, more, note, setup, made, problem } = page
  const invited = invitations.length === 0 ? null : html`<section><h2>${say('members.invited')}</h2>
<ul class="list">${invitations.map((invitation) => invitationItem(visit, page, invitation))}</ul></section>`
  return {
    title: say('members.title', { organization: organization.name }),
    wide: true,
    status: problem?.status ?? 200,
    body: html`${made === null ? null : madeLink(visit, made)}
${note ? alert(say(`members.done_${note}`), 'good') : null}${problem?.field === null ? alert(problem.text) : null}
${members.length === 0 ? null : html`<ul class="list">${members.map((member) => memberItem(visit, page, member))}</ul>`}
${more === null ? null : html`<p><a href="${more}">${say('members.more')}</a></p>`}
${manages ? inviteSection(visit, page) : null}${invited}
${setup === null ? null : setupLinksSection(visit, page.action, organization.name, setup)}
<section>${act(visit, page.action, { label: say('members.leave'), intent: 'leave', look: 'quiet' })}</section>`,
  }
}

/** Ours have a name in every language; those of the app are called what it calls them. */
function nameOf({ say }: Visit, roles: readonly OrganizationRole[], key: string): string {
  const name = roles.find((role) => role.key === key)?.name ?? key
  const words = `members.role_${key}`
  const ours = DEFAULT_ORGANIZATION_ROLES.some((role) => role.key === key && role.name === name)
  return ours && isMessageKey(words) ? say(words) : name
}

function memberItem(visit: Visit, page: MembersPage, { userId, email, role }: OrganizationMember): SafeHtml {
  const { say } = visit
  const { roles, manages, self } = page
  const you = userId === self ? html` <span class="badge off">${say('members.you')}</span>` : null
  const who = html`<span class="grow"><bdi>${email}</bdi>${you}</span>`
  if (!manages || userId === self) return html`<li>${who}<span class="badge">${nameOf(visit, roles, role)}</span></li>`
  const choice = html`<select name="role" aria-label="${say('members.role_of', { email })}" autocomplete="off">${options(visit, roles, role)}</select>`
  return html`<li class="wrap">${who}
<div class="acts">${act(visit, page.action, {
    label: say('members.change'), intent: 'change', look: 'quiet small', fields: [hidden('user_id', userId), choice],
  })}${act(visit, page.action, {
    label: say('members.remove'), intent: 'remove', look: 'danger small', fields: hidden('user_id', userId),
  })}</div></li>`
}

function invitationItem(visit: Visit, page: MembersPage, { id, email, role }: OrganizationInvitation): SafeHtml {
  return html`<li class="wrap"><span class="grow"><bdi>${email}</bdi> <span class="badge off">${nameOf(visit, page.roles, role)}</span></span>
${act(visit, page.action, {
    label: visit.say('members.revoke'), intent: 'revoke', look: 'quiet small', fields: hidden('invitation_id', id),
  })}</li>`
}

function inviteSection(visit: Visit, page: MembersPage): SafeHtml {
  const { say } = visit
  const { problem, roles } = page
  const wrong = problem?.field === 'email' ? problem.text : null
  const role = html`<div class="field"><label for="role">${say('members.role')}</label>
<select id="role" name="role" autocomplete="off">${options(visit, roles, 'member')}</select></div>`
  return html`<section><h2>${say('members.invite_title')}</h2>${act(visit, page.action, {
    label: say('members.invite'),
    intent: 'invite',
    fields: [
      field({
        name: 'email', label: say('field.email'), type: 'email', autocomplete: 'off', inputMode: 'email', wrong,
        value: wrong === null ? '' : problem?.email, focus: wrong !== null,
      }),
      role,
    ],
  })}</section>`
}

const options = (visit: Visit, roles: readonly OrganizationRole[], chosen: string): SafeHtml[] =>
  roles.map(({ key }) => html`<option value="${key}"${key === chosen ? html` selected` : null}>${nameOf(visit, roles, key)}</option>`)
