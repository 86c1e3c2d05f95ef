import { serverState } from '@portico/http/server-state'
import type { FastifyInstance, FastifyRequest } from 'fastify'

/**
 * Keeps one project from taking every place of the process: while more than half of them are taken, each project gets no more than half, so
 * that the others find room. Requests whose body is still coming do not make the process busy.
 */
export class ProjectShares {
  readonly #inWork = new Map<string, number>()
  readonly #isBusy: () => boolean
  readonly #share: number

  constructor(server: FastifyInstance) {
    const state = serverState(server)
    this.#share = Math.max(1, Math.floor(state.maxInFlight / 2))
    this.#isBusy = () => state.inFlight - state.reading > this.#share
    state.observers.push((request) => this.#leave(request))
  }

  /** False when the project has its share. A request that was let in counts until its answer is out or its client has gone. */
  enter(request: FastifyRequest, projectId: string): boolean {
    const inWork = (this.#inWork.get(projectId) ?? 0) + 1
    if (inWork > this.#share && this.#isBusy()) return false
    this.#inWork.set(projectId, inWork)
    request.countedFor = projectId
    return true
  }

  #leave(request: FastifyRequest): void {
    const { countedFor: projectId } = request
    if (projectId === null) return
    const inWork = (this.#inWork.get(projectId) ?? 1) - 1
    if (inWork > 0) this.#inWork.set(projectId, inWork)
    else this.#inWork.delete(projectId)
  }
}
