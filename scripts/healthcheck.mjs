// The image's HEALTHCHECK: asks whichever of the three services this container runs whether it is ready.
import { readFileSync } from 'node:fs'

const SERVICES = {
  'control-plane': process.env.CONTROL_PLANE_PORT || 4000,
  'data-plane': process.env.DATA_PLANE_PORT || 4100,
  worker: process.env.WORKER_PORT || 4200,
}
const command = readFileSync('/proc/1/cmdline', 'utf8')
const app = Object.keys(SERVICES).find((name) => command.includes(`apps/${name}/`))
// Anything else in a container, such as the migrations, has no health of its own.
if (app) {
  const answer = await fetch(`http://127.0.0.1:${SERVICES[app]}/health/ready`, { signal: AbortSignal.timeout(4000) })
  if (!answer.ok) throw new Error(`${app} answered ${answer.status}`)
}
