import type { EndUser, Organization, Portico } from '@portico/sdk'
import { Argument, type Command } from 'commander'
import { CliError } from '../cli-error.js'
import { action, examples } from '../command-action.js'
import type { Context } from '../context.js'
import type { Io } from '../io.js'

interface TriggerOptions {
  project?: string
  keep?: boolean
}

/** Somebody made for the occasion, who is gone after it. */
class Occasion {
  #user: EndUser | null = null
  #organization: Organization | null = null
  readonly #tag = random(4).toString('hex')
  readonly #password = random(18).toString('base64url')

  constructor(
    readonly portico: Portico,
    readonly project: string,
  ) {}

  async user(): Promise<EndUser> {
    this.#user ??= await this.portico.users.create(this.project, {
      email: `portico-trigger-${this.#tag}@example.com`,
      password: this.#password,
      emailVerified: true,
      appMetadata: { portico_trigger: true },
    })
    return this.#user
  }

  async organization(): Promise<Organization> {
    this.#organization ??= await this.portico.organizations.create(this.project, { name: `Trigger ${this.#tag}` })
    return this.#organization
  }

  /** Answers the access token. */
  async signIn(): Promise<string> {
    const { email } = await this.user()
    const answer = await this.#post('/login', { email, password: this.#password })
    return (answer as { access_token: string }).access_token
  }

  async signOut(accessToken: string): Promise<void> {
    await this.#post('/logout', {}, accessToken)
  }

  async deleteUser(): Promise<void> {
    const { id } = await this.user()
    this.#user = null
    await this.portico.users.delete(this.project, id)
  }

  async deleteOrganization(): Promise<void> {
    const { id } = await this.organization()
    this.#organization = null
    await this.portico.organizations.delete(this.project, id)
  }

  async clear(): Promise<void> {
    if (this.#organization) await this.deleteOrganization()
    if (this.#user) await this.deleteUser()
  }

  async #post(path: string, body: object, accessToken?: string): Promise<unknown> {
    const { authUrl } = await this.portico.projects.auth.get(this.project)
    const headers = { 'content-type': 'application/json', ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }) }
    const answer = await fetch(`${authUrl}${path}`, { method: 'POST', headers, body: JSON.stringify(body), redirect: 'error' })
    const text = await answer.text()
    if (answer.ok) return text === '' ? null : JSON.parse(text)
    throw new CliError('sign_in_refused', `${authUrl}${path} answered ${answer.status}: the settings of the project may ask for more.`)
  }
}

const random = (bytes: number): Buffer => Buffer.from(crypto.getRandomValues(new Uint8Array(bytes)))

/** How each event comes about: it is made, not made up. */
const EVENTS: Readonly<Record<string, (on: Occasion) => Promise<unknown>>> = {
  'user.created': (on) => on.user(),
  'user.changed': async (on) => on.portico.users.update(on.project, (await on.user()).id, { metadata: { triggered: true } }),
  'user.disabled': async (on) => on.portico.users.disable(on.project, (await on.user()).id),
  'user.enabled': async (on) => {
    const { id } = await on.user()
    await on.portico.users.disable(on.project, id)
    await on.portico.users.enable(on.project, id)
  },
  'user.deleted': (on) => on.deleteUser(),
  'user.sessions_ended': async (on) => {
    await on.signIn()
    await on.portico.users.endSessions(on.project, (await on.user()).id)
  },
  'session.started': (on) => on.signIn(),
  'session.ended': async (on) => on.signOut(await on.signIn()),
  'organization.created': (on) => on.organization(),
  'organization.changed': async (on) =>
    on.portico.organizations.update(on.project, (await on.organization()).id, { metadata: { triggered: true } }),
  'organization.deleted': (on) => on.deleteOrganization(),
  'organization.member_added': async (on) =>
    on.portico.organizations.addMember(on.project, (await on.organization()).id, (await on.user()).id),
}

export const TRIGGERS = Object.keys(EVENTS)

export function addTriggerCommand(program: Command, io: Io): void {
  program
    .command('trigger')
    .description('make an event happen, for webhooks and `portico listen` to tell of')
    .addArgument(new Argument('<event>', 'which').choices(TRIGGERS))
    .option('--keep', 'leave what was made; without it the person is deleted again, which is an event too')
    .option('--project <id>')
    .addHelpText(
      'after',
      `
The event is a real one: a person at example.com, or an organization, is made for it through the API. No mail is sent.
${examples('portico trigger user.created --project proj_…', 'portico trigger session.started --keep')}`,
    )
    .action(
      action<TriggerOptions>(io, async (context, { project, keep }, [event]) => {
        await trigger(context, context.projectId(project), event!, keep ?? false)
      }),
    )
}

async function trigger(context: Context, project: string, event: string, keep: boolean): Promise<void> {
  const occasion = new Occasion(context.platform(), project)
  try {
    await context.waitFor(`Making ${event}`, EVENTS[event]!(occasion))
  } finally {
    if (!keep) await context.waitFor('Clearing up', occasion.clear())
  }
  context.output.result({ type: event, projectId: project, kept: keep }, () => `${event} happened in ${project}.`)
}
