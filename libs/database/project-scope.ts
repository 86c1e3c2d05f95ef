import { isUuid } from '@portico/kernel/ids'

const minting = Symbol('ProjectDirectory')

/**
 * Proof that a project was resolved. Lock 1 of the isolation: the private field makes the type nominal, and the constructor
 * wants a symbol that only this package's `ProjectDirectory` is handed, so neither an object literal nor a cast-free `new` makes one.
 */
export class ProjectScope {
  readonly #minted = true

  private constructor(
    /** The project's UUID, lower case. */
    readonly projectId: string,
    readonly tenantId: string,
  ) {}

  /** @internal For `ProjectDirectory` alone. */
  static mint(key: symbol, projectId: string, tenantId: string): ProjectScope {
    if (key !== minting || !isUuid(projectId)) throw new TypeError('A project scope comes from ProjectDirectory.resolve.')
    return new ProjectScope(projectId, tenantId)
  }

  /** True only for scopes made by `mint`; guards the database handle against casts. */
  static isGenuine(value: unknown): value is ProjectScope {
    return typeof value === 'object' && value !== null && #minted in value && (value as ProjectScope).#minted
  }
}

let handedOut = false

/** @internal Gives the key to the first caller only: the module `project-directory`. */
export function takeMintingKey(): symbol {
  if (handedOut) throw new TypeError('The minting key is taken.')
  handedOut = true
  return minting
}
