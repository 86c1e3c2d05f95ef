// Podman with a store of its own, which plays objects of Kubernetes; all of it is gone afterwards.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { call, isOnPath } from './engine.mjs'

const SYS_RESOURCE = 1n << 24n

/** Passes everything on but limits that this machine may not raise; runc takes its place, with its files and its number. */
const WITHOUT_LIMITS = `#!/bin/sh
without() {
  node -e '
    const { readFileSync, writeFileSync } = require("node:fs")
    const text = JSON.parse(readFileSync(process.argv[1], "utf8"))
    delete (text.process ?? text).rlimits
    writeFileSync(process.argv[1], JSON.stringify(text))' "$1"
}
before=
for argument; do
  case "$before" in
    --bundle) without "$argument/config.json" ;;
    --process) without "$argument" ;;
  esac
  before=$argument
done
exec runc "$@"
`

export class Podman {
  #env

  constructor(folder) {
    this.folder = join(folder, 'podman')
    mkdirSync(this.folder)
    const effective = BigInt(`0x${/^CapEff:\s+(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]}`)
    this.limited = (effective & SYS_RESOURCE) === 0n
    this.#env = this.limited ? this.#withoutLimits() : process.env
  }

  /** In a virtual machine that is itself kept small nobody may raise limits, and podman would. */
  #withoutLimits() {
    const runtime = join(this.folder, 'runc-without-limits')
    writeFileSync(runtime, WITHOUT_LIMITS, { mode: 0o755 })
    const settings = join(this.folder, 'containers.conf')
    writeFileSync(settings, `[engine]\ncgroup_manager = "cgroupfs"\nruntime = "here"\n[engine.runtimes]\nhere = ["${runtime}"]\n`)
    return { ...process.env, CONTAINERS_CONF: settings }
  }

  static missing() {
    if (!isOnPath('podman')) return 'no podman'
    return process.getuid?.() === 0 ? null : 'podman is used as root, with a store of its own'
  }

  run(args, options = {}) {
    const store = ['--root', join(this.folder, 'root'), '--runroot', join(this.folder, 'run'), '--log-level', 'error']
    return call('podman', [...store, ...args], { ...options, env: this.#env })
  }

  async version() {
    return (await this.run(['version', '--format', '{{.Client.Version}}'])).stdout
  }

  /** An image of the other engine, by a name of ours. */
  async take(engine, image, name) {
    const archive = join(this.folder, 'image.tar')
    await engine.docker(['tag', image, name])
    await engine.docker(['save', '--output', archive, name], { seconds: 180 })
    await this.run(['load', '--input', archive], { seconds: 180 })
    rmSync(archive)
  }

  /** Podman 4.3 wants the keys alone, later ones the whole object. */
  async makeSecret(name, values) {
    const data = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]))
    const [major, minor] = (await this.version()).split('.').map(Number)
    const old = major < 4 || (major === 4 && minor < 4)
    const text = JSON.stringify(old ? data : { apiVersion: 'v1', kind: 'Secret', metadata: { name }, data })
    const file = join(this.folder, 'secret.json')
    writeFileSync(file, text, { mode: 0o600 })
    await this.run(['secret', 'create', name, file])
    rmSync(file)
  }

  async play(network, objects) {
    const file = join(this.folder, 'play.yaml')
    writeFileSync(file, objects.map((object) => JSON.stringify(object)).join('\n---\n'))
    await this.run(['kube', 'play', '--network', network, file], { seconds: 120 })
  }

  async addressOf(container, network) {
    const pod = (await this.run(['inspect', '--format', '{{.Pod}}', container])).stdout
    const infra = (await this.run(['pod', 'inspect', '--format', '{{.InfraContainerID}}', pod])).stdout
    const networks = JSON.parse((await this.run(['inspect', '--format', '{{json .NetworkSettings.Networks}}', infra])).stdout)
    return networks[network].IPAddress
  }

  async end() {
    await this.run(['pod', 'rm', '--all', '--force', '--time', '5'], { seconds: 120 }).catch(() => undefined)
    await this.run(['system', 'reset', '--force'], { seconds: 120 }).catch(() => undefined)
    rmSync(this.folder, { recursive: true, force: true })
  }
}
