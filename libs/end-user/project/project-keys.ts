import { hmacSha256 } from '@portico/crypto/hmac'
import { lengthPrefixed } from '@portico/crypto/length-prefixed'
import { signingKeyContext, tokenKeyContext } from '@portico/crypto/seal-context'
import type { SealedBox } from '@portico/crypto/sealed-box'
import type { ProjectRecord } from '@portico/database/project-directory'
import { KeyRing } from '@portico/tokens/key-ring'

interface DerivedKeys {
  refresh: Buffer
  mark: Buffer
  page: Buffer
  device: Buffer
}

/** The opened keys of a project. A changed project is a new record, so they live exactly as long as the record they were made from. */
export class ProjectKeys {
  readonly #box: SealedBox
  readonly #rings = new WeakMap<ProjectRecord, KeyRing>()
  readonly #derived = new WeakMap<ProjectRecord, DerivedKeys>()

  constructor(box: SealedBox) {
    this.#box = box
  }

  /** Signs and verifies access tokens. */
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

  /** Computes refresh tokens. Neither a new signing key nor a new master key changes it: a change ends every session. */
  refreshKey(project: ProjectRecord): Buffer {
    return this.#keysOf(project).refresh
  }

  /** Marks access tokens as ours. */
  markKey(project: ProjectRecord): Buffer {
    return this.#keysOf(project).mark
  }

  /** Computes the cookies of our own pages. */
  pageKey(project: ProjectRecord): Buffer {
    return this.#keysOf(project).page
  }

  /** Tells devices that have shown a password from strangers. */
  deviceKey(project: ProjectRecord): Buffer {
    return this.#keysOf(project).device
  }

  #keysOf(project: ProjectRecord): DerivedKeys {
    const known = this.#derived.get(project)
    if (known) return known
    if (project.tokenKey === null) throw new Error('the project has no token key: the directory of this process does not make them')
    const { projectId } = project.scope
    const tokenKey = this.#box.open(project.tokenKey, tokenKeyContext(projectId))
    const derive = (purpose: string) => hmacSha256(tokenKey, lengthPrefixed([purpose, projectId]))
    const keys = {
      refresh: derive('portico/refresh-token'),
      mark: derive('portico/token-mark'),
      page: derive('portico/page-session'),
      device: derive('portico/device-token'),
    }
    this.#derived.set(project, keys)
    return keys
  }
}
