// A Compose file of this repository, started as it is: `.env` filled in, images in the places of those that cannot be had, Caddy on a free
// port of loopback with certificates of its own, and the worker shown the way to our mailbox.
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { MAIL_HOST } from './mailbox.mjs'
import { ROOT } from './stand-ins.mjs'

const { parse } = createRequire(import.meta.url)('yaml')

/** Caddy signs names of this ending itself: nobody can have a certificate for them. */
const CONTROL = 'console.portico.internal'
const DATA = 'auth.portico.internal'

async function freePort() {
  const server = createServer()
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address()
  await new Promise((done) => server.close(done))
  return port
}

export class Compose {
  #files
  #env

  constructor(engine, images, folder, file, project) {
    Object.assign(this, { engine, images, folder, file, project })
    this.services = parse(readFileSync(join(ROOT, file), 'utf8'), { merge: true, maxAliasCount: -1 }).services
    this.key = `msk_live_${randomBytes(32).toString('base64url')}`
  }

  /** Writes `.env` and what is laid over the file; `built` are our names for the images that the file builds. */
  async prepare(mailbox, built) {
    const hex = () => randomBytes(32).toString('hex')
    this.secrets = {
      TLS_ASK_SECRET: hex(), PORTICO_MASTER_KEY: randomBytes(32).toString('base64'), POSTGRES_PASSWORD: hex(), REDIS_PASSWORD: hex(),
      REPLICATION_PASSWORD: hex(), PORTICO_BOOTSTRAP_API_KEY: this.key,
    }
    const given = { CONTROL_DOMAIN: CONTROL, AUTH_DOMAIN: DATA, ACME_EMAIL: 'ops@example.com', ...this.secrets, ...mailbox.settings }
    const example = readFileSync(join(ROOT, '.env.example'), 'utf8')
    const filled = example.replaceAll(/^(\w+)=.*$/gm, (line, name) => (name in given ? `${name}='${given[name]}'` : line))
    this.#env = join(this.folder, `${this.project}.env`)
    writeFileSync(this.#env, filled, { mode: 0o600 })

    this.port = await freePort()
    const over = {}
    for (const [name, { image, build }] of Object.entries(this.services)) {
      const named = build === undefined ? await this.images.named(image) : built[image]
      over[name] = named === image ? {} : { image: named }
    }
    for (const name of Object.keys(over).filter((name) => name.startsWith('worker'))) over[name].extra_hosts = [`${MAIL_HOST}:host-gateway`]
    const overlay = join(this.folder, `${this.project}.yml`)
    const ports = `  caddy:\n    ports: !override ["127.0.0.1:${this.port}:443"]`
    const lines = Object.entries(over).map(([name, what]) =>
      name === 'caddy' ? `${ports}${what.image ? `\n    image: ${what.image}` : ''}` : `  ${name}: ${JSON.stringify(what)}`,
    )
    writeFileSync(overlay, `services:\n${lines.join('\n')}\n`)
    this.#files = ['--file', join(ROOT, this.file), '--file', overlay]
  }

  run(args, options = {}) {
    // Variables of this shell would go before those of the file.
    const { PATH, HOME, DOCKER_HOST } = this.engine.env
    const env = { PATH, HOME, ...(DOCKER_HOST && { DOCKER_HOST }) }
    const compose = ['compose', '--project-name', this.project, '--env-file', this.#env, ...this.#files]
    return this.engine.docker([...compose, ...args], { ...options, env: { ...emptied(this.engine.env), ...env } })
  }

  /** Until every health check is content; answers the seconds. */
  async up(seconds) {
    const from = performance.now()
    await this.run(['up', '--detach', '--no-build'], { seconds }).catch(async (error) => {
      throw new Error(`${error.message}\n${await this.logs()}`)
    })
    const planes = Object.keys(this.services).filter((name) => /^(?:control-plane|data-plane|worker)/.test(name))
    const states = () => Promise.all(planes.map((name) => this.state(name, '{{.State.Health.Status}}')))
    const healthy = async () => (await states()).every((state) => state === 'healthy')
    await this.until('every service is healthy', healthy, seconds)
    return (performance.now() - from) / 1000
  }

  async id(service) {
    return (await this.run(['ps', '--all', '--quiet', service])).stdout
  }

  async state(service, format) {
    return (await this.engine.docker(['inspect', '--format', format, await this.id(service)])).stdout
  }

  async until(what, isSo, seconds) {
    const from = performance.now()
    while (!(await isSo())) {
      if (performance.now() - from > seconds * 1000) throw new Error(`${what}: not after ${seconds} s\n${await this.logs()}`)
      await sleep(250)
    }
    return (performance.now() - from) / 1000
  }

  async logs() {
    const { stdout } = await this.run(['logs', '--no-color', '--tail', '15'])
    return stdout
  }

  /** Where the planes are asked: Caddy, whose authority is taken out of its container. */
  async house(mailbox) {
    const file = '/data/caddy/pki/authorities/local/root.crt'
    const certificate = () => this.run(['exec', '-T', 'caddy', 'cat', file]).then(({ stdout }) => stdout, () => '')
    let ca = ''
    await this.until('Caddy has an authority', async () => (ca = await certificate()) !== '', 60)
    const door = { host: '127.0.0.1', port: this.port, ca }
    return { control: `https://${CONTROL}`, data: `https://${DATA}`, doors: { control: door, data: door }, key: this.key, mailbox }
  }

  async down() {
    await this.run(['down', '--volumes', '--remove-orphans', '--timeout', '30'], { seconds: 240 })
  }
}

const emptied = (env) => Object.fromEntries(Object.keys(env).map((name) => [name, undefined]))

/** Bits of capabilities(7) that a container may keep. */
const KEEPS = { caddy: 1n << 10n }
/** Images whose programs run as root; without rights it is none. */
const ROOT_WITHOUT_RIGHTS = /^(?:caddy|etcd-\d)$/

/** What each container may do, seen from inside it. */
export async function holdRights(compose, { hold, note }) {
  const unseen = []
  for (const name of Object.keys(compose.services)) {
    if (name === 'migrate') continue
    const look = 'cat /proc/1/status; for d in / /etc /usr /bin; do (: > $d/portico-was-here) 2>/dev/null && echo "WRITES $d"; done; true'
    const status = await compose.run(['exec', '-T', name, 'sh', '-c', look]).then(({ stdout }) => stdout, () => null)
    if (status === null) {
      unseen.push(name)
      continue
    }
    const of = (word) => new RegExp(`^${word}:\\s+(\\S+)`, 'm').exec(status)?.[1]
    const found = { uid: of('Uid'), effective: of('CapEff'), noNewPrivileges: of('NoNewPrivs'), writes: status.match(/WRITES \S+/g) }
    const more = BigInt(`0x${found.effective}`) & ~(KEEPS[name] ?? 0n)
    const mayBeRoot = ROOT_WITHOUT_RIGHTS.test(name)
    hold(
      `${name}: ${mayBeRoot ? '' : 'not root, '}no rights${name in KEEPS ? ' but ports below 1024' : ''}, writes to its volumes alone`,
      more === 0n && found.noNewPrivileges === '1' && found.writes === null && (mayBeRoot || found.uid !== '0'),
      found,
    )
  }
  if (unseen.length > 0) note(`${unseen.join(', ')}: without a shell to look from`)
}

/** Health as Compose sees it, and how the migrate container ended. */
export async function holdStates(compose, { hold }) {
  for (const name of Object.keys(compose.services)) {
    const health = '{{if .State.Health}}{{.State.Health.Status}}{{end}}'
    const state = await compose.state(name, `{{.State.Status}} {{.State.ExitCode}} ${health} {{.RestartCount}}`)
    const wanted = name === 'migrate' ? /^exited 0 .* 0$/ : /^running 0 (healthy)? ?0$/
    hold(`${name} ${name === 'migrate' ? 'ended well' : 'runs, and was never started again'}`, wanted.test(state), state)
  }
}
