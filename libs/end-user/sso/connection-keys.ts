import { ssoKeyContext } from '@portico/crypto/seal-context'
import type { SealedBox } from '@portico/crypto/sealed-box'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { listSsoKeys, type SsoKey } from '../records/sso-key.store.js'

/** Our own keys of a connection, open for the moment in which they are used. */
export class ConnectionKeys {
  constructor(
    private readonly db: ProjectDb,
    private readonly box: SealedBox,
  ) {}

  /** PEM; `null`: none signs. */
  async signing(project: ProjectRecord, connectionId: string): Promise<string | null> {
    const key = (await listSsoKeys(this.db, project.scope, connectionId)).find(({ signs }) => signs)
    return key ? this.#open(project, key) : null
  }

  /** PEM, the newest first. */
  async opening(project: ProjectRecord, connectionId: string): Promise<string[]> {
    const keys = await listSsoKeys(this.db, project.scope, connectionId)
    return keys.toReversed().map((key) => this.#open(project, key))
  }

  #open(project: ProjectRecord, { id, sealed }: SsoKey): string {
    return this.box.open(sealed, ssoKeyContext(project.scope.projectId, id)).toString('utf8')
  }
}
