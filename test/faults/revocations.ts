import { setTimeout as sleep } from 'node:timers/promises'
import type { FaultProject } from './fault-stage.js'
import { send } from './load.js'
import { newEmail, signUp, type At } from './run.js'

/** P16. */
export const REVOKED_WITHIN_MS = 1_000
export const REVOCATIONS = 30

/** Signed out at one data plane, asked of the other until it knows; the slowest of all. */
export async function revocations([one, two]: readonly [At, At], project: FaultProject): Promise<{ slowest: number; revived: number }> {
  let [slowest, revived] = [0, 0]
  for (let turn = 0; turn < REVOCATIONS; turn++) {
    const [here, there] = turn % 2 === 0 ? [one, two] : [two, one]
    const { body } = await send(signUp(here, project, newEmail()))
    const verify = () => send({ kind: 'verify', url: `${there.url}/${project.printedId}/verify`, body: { token: body?.['access_token'] } })
    // Known there, so that it is remembered.
    await verify()
    await send({ kind: 'logout', url: `${here.url}/${project.printedId}/logout`, body: { refresh_token: body?.['refresh_token'] } })
    const askedAt = performance.now()
    while ((await verify()).status !== 401 && performance.now() - askedAt < 10_000) await sleep(5)
    slowest = Math.max(slowest, performance.now() - askedAt)
    await sleep(50)
    if ((await verify()).status !== 401) revived += 1
  }
  return { slowest, revived }
}
