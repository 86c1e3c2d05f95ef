import { signingKeyContext } from '@portico/crypto/seal-context'
import type { SealedBox } from '@portico/crypto/sealed-box'
import type { ProjectRecord } from '@portico/database/project-directory'
import { KeyRing } from '@portico/tokens/key-ring'

/** The opened key ring of a project. A changed project is a new record, so rings live exactly as long as the record they were made from. */
export class ProjectKeys {
  readonly #box: SealedBox
  readonly #rings = new WeakMap<ProjectRecord, KeyRing>()

  constructor(box: SealedBox) {
    this.#box = box
  }

  ring(project: ProjectRecord): KeyRing {
    const known = this.#rings.get(project)
    if (known) return known
    const ring = new KeyRing(
      project.keys.map((key) => ({
        kid: key.kid,
        alg: key.alg,
        state: key.state,
        secret: this.#box.open(key.sealed, signingKeyContext(project.scope.projectId, key.kid)).toString('utf8'),
        verifyUntil: key.verifyUntil,
      })),
    )
    this.#rings.set(project, ring)
    return ring
  }
}
