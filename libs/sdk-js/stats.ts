import type { components } from './generated.js'
import type { CallOptions, Transport } from './transport.js'

export type ProjectStats = components['schemas']['ProjectStats']
export type TenantStats = components['schemas']['TenantStats']
export type StatsQuery = Omit<components['schemas']['ProjectStatsQuery'], 'from' | 'to'> & { from?: string | Date; to?: string | Date }

/** Figures by hour or day, from counters: asking costs the same whatever has happened. */
export class Stats {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Of all projects together, and what needs attention. */
  async ofTenant(query: StatsQuery = {}, options?: CallOptions): Promise<TenantStats> {
    const { data } = await this.#transport.send<{ data: TenantStats }>({ method: 'GET', path: ['stats'], query }, options)
    return data
  }

  async ofProject(projectId: string, query: StatsQuery = {}, options?: CallOptions): Promise<ProjectStats> {
    const path = ['projects', projectId, 'stats']
    const { data } = await this.#transport.send<{ data: ProjectStats }>({ method: 'GET', path, query }, options)
    return data
  }
}
