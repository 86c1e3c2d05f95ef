import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Caller } from '../caller.js'
import type { ManageDirectories } from '../directory/manage-directories.js'
import type { ManageDirectoryTokens } from '../directory/manage-directory-tokens.js'
import type { Directory } from '../records/directory.js'
import type { DirectoryToken } from '../records/directory-token.store.js'
import { lockLiveSetupLink, type SetupLink } from '../records/setup-link.store.js'
import { byLink } from './hold-setup-link.js'

export interface SetupDirectory {
  directory: Directory
  tokens: DirectoryToken[]
}

/** What the holder of a set-up link does about the directory of their organization: its tokens. Roles of groups stay with the operators. */
export class SetUpDirectory {
  constructor(
    private readonly db: ProjectDb,
    private readonly directories: ManageDirectories,
    private readonly tokens: ManageDirectoryTokens,
    private readonly clock: Clock,
  ) {}

  /** The first of the organization; `null`: there is none yet. */
  async read(project: ProjectRecord, { organizationId }: SetupLink): Promise<SetupDirectory | null> {
    const [directory] = await this.directories.list(project, organizationId)
    return directory ? { directory, tokens: await this.tokens.list(project, directory.id) } : null
  }

  /** The token is answered here and never again. The first one makes the directory: pressed twice at once it is one, by the link's id. */
  async createToken(project: ProjectRecord, link: SetupLink, caller: Caller): Promise<string> {
    await this.#live(project, link)
    const by = byLink(link, caller)
    const { organizationId, organizationName: name } = link
    const there = await this.read(project, link)
    const { id } = there?.directory ?? (await this.directories.create(project, by, { id: link.id, name, organizationId }))
    return (await this.tokens.create(project, by, id, null)).token
  }

  async removeToken(project: ProjectRecord, link: SetupLink, id: string, caller: Caller): Promise<void> {
    await this.#live(project, link)
    const there = await this.read(project, link)
    if (!there?.tokens.some((token) => token.id === id)) throw new AuthError('not_found')
    await this.tokens.remove(project, byLink(link, caller), there.directory.id, id)
  }

  async #live(project: ProjectRecord, { id }: SetupLink): Promise<void> {
    const live = await this.db.transaction(project.scope, (tx) => lockLiveSetupLink(tx, id, this.clock.now()))
    if (!live) throw new AuthError('invalid_or_expired_token')
  }
}
