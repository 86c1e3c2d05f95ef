// deploy/systemd: the units under a systemd that is the first process of a machine of its own, PostgreSQL beside it on the network.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { tidied } from './engine.mjs'
import { IMAGE, buildImageOnce } from './image.mjs'
import { MAIL_HOST, openMailbox } from './mailbox.mjs'
import { ROOT } from './stand-ins.mjs'
import { goOn, tellStory } from './story.mjs'

const MACHINE = 'portico-proof-systemd'
const DATABASE = 'portico-proof-systemd-postgres'
const SERVICES = ['control-plane', 'data-plane', 'worker']
const UNITS = SERVICES.map((name) => `portico-${name}`)
const POSTGRES = /image: (postgres:\S+)/.exec(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'))[1]

export async function proveSystemd({ engine, images }, tools) {
  const { hold, timed, ready, note } = tools
  await buildImageOnce(engine, images, timed)
  const arguments_ = ['--build-arg', `DEBIAN=${await images.debian('bookworm')}`, '--build-arg', `PORTICO=${IMAGE}`]
  const file = join(ROOT, 'test', 'deploy', 'systemd.Dockerfile')
  const build = ['build', '--network', 'host', '--tag', MACHINE, '--file', file, ...arguments_, join(ROOT, 'deploy')]
  images.made.add(MACHINE)
  await timed('docker build of a machine', () => engine.docker(build, { seconds: 300, env: { DOCKER_BUILDKIT: '1' } }))
  const mailbox = await openMailbox()
  const key = `msk_live_${randomBytes(32).toString('base64url')}`
  const clean = async () => {
    await engine.docker(['rm', '--force', '--volumes', MACHINE, DATABASE]).catch(() => undefined)
    await engine.docker(['network', 'rm', MACHINE]).catch(() => undefined)
    await mailbox.close()
  }
  await tidied(clean, async () => {
    await engine.docker(['network', 'create', MACHINE])
    const owner = randomBytes(16).toString('hex')
    const variables = ['POSTGRES_USER=portico_owner', `POSTGRES_PASSWORD=${owner}`, 'POSTGRES_DB=portico'].flatMap((one) => ['--env', one])
    await engine.docker(['run', '--detach', '--name', DATABASE, '--network', MACHINE, ...variables, await images.named(POSTGRES)])
    await startMachine(engine, note)
    await configure(engine, mailbox, { key, owner })

    const said = ({ stdout, stderr }) => stdout + stderr
    const verified = await inside(engine, ['systemd-analyze', 'verify', ...units()]).then(said, (error) => error.message)
    hold('systemd-analyze verify has nothing to say', verified === '', verified)
    const { result: seconds } = await timed('systemctl enable --now, until all are ready', async () => {
      const from = performance.now()
      await inside(engine, ['systemctl', 'enable', '--now', ...UNITS], 120)
      await untilReady(engine)
      return (performance.now() - from) / 1000
    })
    ready(seconds)
    const addresses = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}'
    const { stdout: address } = await engine.docker(['inspect', '--format', addresses, MACHINE])
    const doors = { control: { host: address, port: 4000 }, data: { host: address, port: 4100 } }
    const house = { control: 'https://console.portico.internal', data: 'https://auth.portico.internal', doors, key, mailbox }
    const { result: person } = await timed('the story', () => tellStory(house))
    hold('the story, with mails that the worker sent', true)
    await holdRights(engine, hold)
    await comesBack(engine, house, person, tools)

    const stopped = await timed('systemctl stop', () => inside(engine, ['systemctl', 'stop', ...UNITS], 60))
    const { stdout: results } = await inside(engine, ['systemctl', 'show', '--property=Result,ExecMainStatus', '--value', ...UNITS])
    const clean = results.split(/\s+/).join() === 'success,0,success,0,success,0'
    hold('they stop within their time, with exit code 0', stopped.seconds < 20 && clean, results)
  })
}

const units = () => ['migrate', ...SERVICES].map((name) => `/etc/systemd/system/portico-${name}.service`)
const inside = (engine, command, seconds = 60) => engine.docker(['exec', MACHINE, ...command], { seconds })

/** With all rights of this machine, or where it has not all of them itself with the one that mounts need. */
async function startMachine(engine, note) {
  const memory = ['/run', '/run/lock', '/tmp'].flatMap((path) => ['--tmpfs', path])
  const rest = ['--cgroupns', 'private', ...memory, '--add-host', `${MAIL_HOST}:host-gateway`]
  const start = (rights) => engine.docker(['run', '--detach', '--name', MACHINE, '--network', MACHINE, ...rights, ...rest, MACHINE])
  await start(['--privileged']).catch(async () => {
    await engine.docker(['rm', '--force', MACHINE]).catch(() => undefined)
    await start(['--cap-add', 'SYS_ADMIN', '--security-opt', 'seccomp=unconfined', '--security-opt', 'apparmor=unconfined'])
  })
  let state = ''
  for (const deadline = performance.now() + 60_000; !/^(?:running|degraded)$/.test(state) && performance.now() < deadline; await sleep(250))
    state = await inside(engine, ['systemctl', 'is-system-running']).then(
      ({ stdout }) => stdout,
      (error) => error.message.split('\n').at(-1),
    )
  if (!/^(?:running|degraded)$/.test(state)) throw new Error(`systemd does not come up in a container here: ${state}`)
  note((await inside(engine, ['systemctl', '--version'])).stdout.split('\n')[0].replace(/ \(.*/, ''))
}

/** /etc/portico as the example has it, filled in. */
async function configure(engine, mailbox, { key, owner }) {
  const given = {
    CONTROL_PLANE_PUBLIC_URL: 'https://console.portico.internal', DATA_PLANE_PUBLIC_URL: 'https://auth.portico.internal',
    // The proof asks from another machine, where people's proxy is on this one.
    TRUSTED_PROXY_HOPS: '0', CONTROL_PLANE_HOST: '0.0.0.0', DATA_PLANE_HOST: '0.0.0.0',
    PORTICO_MASTER_KEY: randomBytes(32).toString('base64'), DATABASE_URL: `postgresql://${DATABASE}:5432/portico`,
    PORTICO_BOOTSTRAP_API_KEY: key, ...mailbox.settings,
  }
  const example = readFileSync(join(ROOT, 'deploy', 'systemd', 'portico.env.example'), 'utf8')
  // As systemd.exec(5) quotes.
  const filled = example.replaceAll(/^(\w+)=.*$/gm, (line, name) => (name in given ? `${name}="${given[name]}"` : line))
  const into = (file) => `umask 027; cat > ${file}; chown root:portico ${file}`
  const put = (file, input) => engine.docker(['exec', '--interactive', MACHINE, 'sh', '-c', into(file)], { input })
  await put('/etc/portico/portico.env', filled)
  await put('/etc/portico/migrate.env', `DATABASE_URL=postgresql://portico_owner:${owner}@${DATABASE}:5432/portico\n`)
}

async function untilReady(engine, seconds = 90) {
  const asks =
    'for (const port of [4000, 4100, 4200]) if (!(await fetch(`http://127.0.0.1:${port}/health/ready`)).ok) throw new Error(port)'
  for (const deadline = performance.now() + seconds * 1000; ; await sleep(250)) {
    const isReady = await inside(engine, ['node', '--input-type=module', '-e', asks]).then(() => true, () => false)
    if (isReady) return
    if (performance.now() < deadline) continue
    const { stdout } = await inside(engine, ['journalctl', '--no-pager', '--lines', '30', '--unit', 'portico-*'])
    throw new Error(`not ready after ${seconds} s\n${stdout}`)
  }
}

/** What a process of ours may do there, and what systemd says of it. */
async function holdRights(engine, hold) {
  for (const unit of UNITS) {
    const { stdout: pid } = await inside(engine, ['systemctl', 'show', '--property=MainPID', '--value', unit])
    const there = `nsenter --target ${pid} --mount --setuid "$(id -u portico)" --setgid "$(id -g portico)"`
    const tries = `for d in / /etc /opt/portico /var /home; do ${there} sh -c ": > $d/was-here" 2>/dev/null && echo "WRITES $d"; done`
    const look = `cat /proc/${pid}/status; ${tries}; true`
    const { stdout: status } = await inside(engine, ['sh', '-c', look])
    const of = (word) => new RegExp(`^${word}:\\s+(\\S+)`, 'm').exec(status)?.[1]
    const found = [of('CapBnd'), of('NoNewPrivs'), of('Seccomp'), status.match(/WRITES \S+/g)]
    const holds = of('Uid') !== '0' && JSON.stringify(found) === JSON.stringify(['0'.repeat(16), '1', '2', null])
    hold(`${unit}: not root, no rights, system calls filtered, writes nowhere but to its /tmp`, holds, found)
  }
  const { stdout: exposure } = await inside(engine, ['systemd-analyze', 'security', '--no-pager'])
  const found = UNITS.map((unit) => Number(new RegExp(`${unit}\\.service\\s+([\\d.]+)`).exec(exposure)?.[1]))
  hold('systemd-analyze security: an exposure under 2 of 10', found.every((value) => value < 2), found)
}

/** A process that is killed is started again; a boot without the database waits for it. */
async function comesBack(engine, house, person, { hold, timed }) {
  await timed('a service is killed: until it is ready again', async () => {
    await inside(engine, ['systemctl', 'kill', '--signal=SIGKILL', 'portico-data-plane'])
    await sleep(500)
    await untilReady(engine)
    await goOn(person, house).then((next) => Object.assign(person, next))
    hold('a service that is killed is started again', true)
  })
  await timed('a boot while the database is away, which then comes back', async () => {
    await inside(engine, ['systemctl', 'stop', ...UNITS])
    await engine.docker(['stop', DATABASE])
    await inside(engine, ['systemctl', 'start', '--no-block', ...UNITS])
    const journal = async () => (await inside(engine, ['journalctl', '--no-pager', '--lines', '5', '--unit', 'portico-migrate'])).stdout
    let said = ''
    const waits = () => said.includes('waiting for the database')
    for (const deadline = performance.now() + 60_000; !waits() && performance.now() < deadline; await sleep(250)) said = await journal()
    hold('migrate says that it waits', waits(), said)
    await engine.docker(['start', DATABASE])
    await untilReady(engine)
    await goOn(person, house).then((next) => Object.assign(person, next))
    hold('the services start once it is there', true)
  })
}
