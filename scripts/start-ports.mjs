// Where `npm start` listens, and under which names people reach it.
import { createServer } from 'node:net'
import { Stop } from './steps.mjs'

const STEP = 10
const TRIES = 50

/**
 * Sees to it that every port can be listened on before anything is built. One that the environment names is needed as it is; of the others
 * a taken one gives way to the next free one in tens, which is said: a second checkout on one machine is normal. Writes what was chosen
 * into `services` and `env`.
 */
export async function choosePorts(services, env, say = console.log) {
  const taken = new Set(services.map(({ port }) => port))
  for (const service of services) {
    const { name, prefix, host, port } = service
    const problem = await problemAt(host, port)
    if (problem === null) continue
    if (problem !== 'EADDRINUSE' || isFixed(env, prefix)) throw refusal({ name, prefix, host, port, problem })
    service.port = await nextFree(service, taken)
    taken.add(service.port)
    env[`${prefix}_PORT`] = String(service.port)
    say(`Port ${port} for the ${name} is in use; it is on ${service.port}. Set ${prefix}_PORT to choose.`)
  }
  for (const { name, prefix, metricsHost: host, metricsPort: port } of services.filter((service) => service.metricsPort !== undefined)) {
    const problem = await problemAt(host, port)
    const variable = `${prefix}_METRICS`
    if (problem === 'EADDRINUSE' && !env[`${variable}_PORT`]) {
      env[`${variable}_PORT`] = '0'
      say(`Port ${port} for the metrics of the ${name} is in use; they are on a free one. Set ${variable}_PORT to choose.`)
    } else if (problem !== null) throw refusal({ name: `metrics of the ${name}`, prefix: variable, host, port, problem })
  }
}

/**
 * Listens on what was chosen until the services do: a first start builds for half a minute, and a second checkout that starts meanwhile
 * must see that its ports are taken. Answers what lets them go.
 */
export async function holdPorts(services) {
  const metrics = services.filter(({ metricsPort }) => metricsPort)
  const places = [...services.map(({ host, port }) => [host, port]), ...metrics.map((each) => [each.metricsHost, each.metricsPort])]
  const held = await Promise.all(places.map(([host, port]) => hold(host, port)))
  return () => Promise.all(held.map((server) => server && new Promise((done) => server.close(done))))
}

/** `null`: somebody else has it, who was told of when the ports were chosen. */
function hold(host, port) {
  return new Promise((done) => {
    // Whoever comes too early is better sent away than kept waiting.
    const server = createServer((socket) => socket.destroy())
    server.once('error', () => done(null))
    server.listen(port, host, () => done(server))
  })
}

/**
 * In development people reach both planes as `localhost`: passkeys belong to a name, never to an address (WebAuthn, 5.1.2), so the sign-in
 * page of the console could offer none at 127.0.0.1.
 */
export function namePublicUrls(services, env) {
  for (const { prefix, host, port } of services) {
    if (prefix === 'WORKER' || !['127.0.0.1', '::1', 'localhost'].includes(host)) continue
    env[`${prefix}_PUBLIC_URL`] ||= `http://localhost:${port}`
  }
}

/** A public address that the environment names, or production's, is told to others: its port does not move. */
function isFixed(env, prefix) {
  return Boolean(env[`${prefix}_PORT`] || env[`${prefix}_PUBLIC_URL`]) || env.PORTICO_ENV === 'production'
}

async function nextFree({ name, prefix, host, port }, taken) {
  for (let next = port + STEP; next <= port + STEP * TRIES; next += STEP)
    if (!taken.has(next) && (await problemAt(host, next)) === null) return next
  throw refusal({ name, prefix, host, port, problem: 'EADDRINUSE' })
}

function refusal({ name, prefix, host, port, problem }) {
  if (problem === 'EADDRINUSE') return new Stop(`Port ${port} for the ${name} is in use. Stop what listens there, or set ${prefix}_PORT.`)
  return new Stop(`The ${name} cannot listen on ${host}:${port} (${problem}). Check ${prefix}_HOST and ${prefix}_PORT.`)
}

/** Why nobody can listen there; `null`: one can. */
function problemAt(host, port) {
  return new Promise((done) => {
    const server = createServer()
    server.once('error', (error) => done(error.code))
    server.once('listening', () => server.close(() => done(null)))
    try {
      server.listen(port, host)
    } catch {
      done('a bad value')
    }
  })
}
