/** Whose work it is. Either name keeps its own count: a project belongs to one tenant, and a tenant may have thousands of projects. */
export interface Share {
  project: string
  tenant: string
}

/** Up to here every project, and every tenant, may have as much as its own limit. */
const ROOM = 400
/** So much of it for one tenant: its dead issuer may hang in all its projects at once. */
const PER_TENANT = 300
/** Beyond the room a project and a tenant may still have this much, so that many greedy ones together do not keep a modest one out. */
const RESERVED_PER_PROJECT = 2
const RESERVED_PER_TENANT = 8
/** A bound on sockets, whatever the number of shares. */
const MOST = 800

/** Counts the work that is going on, in all, by tenant and by project. */
export class Shares {
  readonly #projects = new Counts()
  readonly #tenants = new Counts()
  #total = 0

  constructor(private readonly maxPerProject: number) {}

  /** Whether the share may begin one more; if so it is counted until `give`. */
  take({ project, tenant }: Share): boolean {
    const roomy = this.#total < ROOM
    const perProject = roomy ? this.maxPerProject : Math.min(this.maxPerProject, RESERVED_PER_PROJECT)
    const perTenant = roomy ? PER_TENANT : RESERVED_PER_TENANT
    if (this.#total >= MOST || this.#projects.of(project) >= perProject || this.#tenants.of(tenant) >= perTenant) return false
    this.#projects.add(project)
    this.#tenants.add(tenant)
    this.#total += 1
    return true
  }

  give({ project, tenant }: Share): void {
    this.#projects.remove(project)
    this.#tenants.remove(tenant)
    this.#total -= 1
  }
}

/** By name; a name that is at nothing is forgotten. */
class Counts {
  readonly #counts = new Map<string, number>()

  of(name: string): number {
    return this.#counts.get(name) ?? 0
  }

  add(name: string): void {
    this.#counts.set(name, this.of(name) + 1)
  }

  remove(name: string): void {
    if (this.of(name) > 1) this.#counts.set(name, this.of(name) - 1)
    else this.#counts.delete(name)
  }
}
