// deploy/helm/portico: what podman can play of it, with the chart's own rights, variables and file systems; the probes are asked as a
// kubelet would ask them, from outside the pod.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { tidied } from './engine.mjs'
import { IMAGE, buildImageOnce } from './image.mjs'
import { openMailbox } from './mailbox.mjs'
import { Podman } from './podman.mjs'
import { renderChart } from './render-chart.mjs'
import { ROOT } from './stand-ins.mjs'
import { ask, tellStory } from './story.mjs'

const NETWORK = 'portico-proof-chart'
const RELEASE = 'auth'
const OURS = 'localhost/portico:proof'
const POSTGRES = 'localhost/portico-proof-postgres:18'
const POSTGRES_NAME = /image: (postgres:\S+)/.exec(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'))[1]
const PUBLIC = { controlPlane: 'https://console.portico.internal', dataPlane: 'https://auth.portico.internal' }

export async function proveChart({ engine, images, folder }, tools) {
  const { hold, timed, ready, note } = tools
  await buildImageOnce(engine, images, timed)
  const podman = new Podman(folder)
  const mailbox = await openMailbox()
  const key = `msk_live_${randomBytes(32).toString('base64url')}`
  const clean = async () => {
    await podman.end()
    await mailbox.close()
  }
  await tidied(clean, async () => {
    note(`podman ${await podman.version()}${podman.limited ? ', with runc and without limits, which this machine may not raise' : ''}`)
    for (const name of [OURS, POSTGRES]) images.made.add(name)
    await timed('images handed to podman', async () => {
      await podman.take(engine, IMAGE, OURS)
      await podman.take(engine, await images.named(POSTGRES_NAME), POSTGRES)
    })
    await podman.run(['network', 'create', NETWORK])
    const gateway = /"gateway": "([^"]+)"/.exec((await podman.run(['network', 'inspect', NETWORK])).stdout)[1]
    const owner = randomBytes(16).toString('hex')
    await podman.play(NETWORK, [database(owner)])
    const address = await podman.addressOf('database-postgres', NETWORK)
    const { SMTP_PASSWORD, ...mail } = mailbox.settings
    await podman.makeSecret('portico', {
      PORTICO_MASTER_KEY: randomBytes(32).toString('base64'), DATABASE_URL: `postgresql://${address}:5432/portico`,
      MIGRATE_DATABASE_URL: `postgresql://portico_owner:${owner}@${address}:5432/portico`, PORTICO_BOOTSTRAP_API_KEY: key, SMTP_PASSWORD,
    })
    const values = {
      publicUrl: PUBLIC,
      image: { repository: 'localhost/portico', tag: 'proof' },
      // The proof asks the pods themselves.
      env: { ...mail, SMTP_HOST: gateway, TRUSTED_PROXY_HOPS: '0' },
    }
    const objects = await renderChart(folder, RELEASE, values)
    await untilPostgres(podman)

    const { result: seconds } = await timed('the migrate job, then three services, until their probes are content', async () => {
      const from = performance.now()
      await migrate(podman, objects.find(({ kind }) => kind === 'Job'), hold)
      const deployments = objects.filter(({ kind }) => kind === 'Deployment')
      await podman.play(NETWORK, deployments.map(asPod))
      for (const deployment of deployments) await probed(podman, deployment, hold)
      return (performance.now() - from) / 1000
    })
    ready(seconds)
    const door = async (name, port) => ({ host: await podman.addressOf(containerOf(name), NETWORK), port })
    const doors = { control: await door('control-plane', 4000), data: await door('data-plane', 4100) }
    await timed('the story', () => tellStory({ control: PUBLIC.controlPlane, data: PUBLIC.dataPlane, doors, key, mailbox }))
    hold('the story, with mails that the worker sent', true)
    for (const name of ['control-plane', 'data-plane', 'worker']) await holdRights(podman, name, hold)
    for (const name of ['control-plane', 'data-plane', 'worker']) await stops(podman, name, hold)
    const unplayed = [...new Set(objects.map(({ kind }) => kind))].filter((kind) => !['Deployment', 'Job'].includes(kind))
    note(`not played by podman: ${unplayed.join(', ')}, External Secrets, a second replica; the job as a pod`)
  })
}

const containerOf = (name) => `${RELEASE}-${name}-${name}`

const database = (owner) => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name: 'database' },
  spec: {
    containers: [{
      name: 'postgres', image: POSTGRES, imagePullPolicy: 'Never',
      env: [
        { name: 'POSTGRES_USER', value: 'portico_owner' },
        { name: 'POSTGRES_PASSWORD', value: owner },
        { name: 'POSTGRES_DB', value: 'portico' },
      ],
    }],
  },
})

async function untilPostgres(podman) {
  const asks = ['exec', 'database-postgres', 'pg_isready', '--host', '127.0.0.1', '--username', 'portico_owner', '--dbname', 'portico']
  let why = ''
  for (let tries = 0; tries < 120; tries += 1) {
    why = await podman.run(asks).then(() => '', (error) => error.message)
    if (why === '') return
    await sleep(500)
  }
  throw new Error(`PostgreSQL does not start: ${why}`)
}

/** One pod of a deployment or job, without probes: podman would call curl inside the container, which is not there. */
function asPod({ metadata, spec }) {
  const pod = structuredClone(spec.template.spec)
  for (const container of pod.containers) for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe']) delete container[probe]
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: metadata.name, labels: spec.template.metadata.labels }, spec: pod }
}

async function migrate(podman, job, hold) {
  const container = `${job.metadata.name}-${job.spec.template.spec.containers[0].name}`
  await podman.play(NETWORK, [asPod(job)])
  let state = ''
  for (const deadline = performance.now() + 120_000; !state.startsWith('exited') && performance.now() < deadline; await sleep(250))
    state = (await podman.run(['inspect', '--format', '{{.State.Status}} {{.State.ExitCode}}', container])).stdout
  const { stdout, stderr } = await podman.run(['logs', container])
  hold('the migrate job ends well', state === 'exited 0', `${state} ${stderr || stdout}`.slice(-500))
}

/** As a kubelet: the start-up probe until it is content, then the others. */
async function probed(podman, { spec }, hold) {
  const [container] = spec.template.spec.containers
  const host = await podman.addressOf(containerOf(container.name), NETWORK)
  const asked = async ({ httpGet: { path, port } }) => {
    const { containerPort } = container.ports.find(({ name }) => name === port)
    return ask({ host, port: containerPort }, 'GET', `http://${host}${path}`).then(({ status }) => status, () => 0)
  }
  const { failureThreshold, periodSeconds } = container.startupProbe
  let started = 0
  for (let tries = 0; tries < failureThreshold && started !== 200; tries += 1) {
    started = await asked(container.startupProbe)
    if (started !== 200) await sleep(Math.min(periodSeconds * 1000, 500))
  }
  const said = started === 200 ? { stdout: '', stderr: '' } : await podman.run(['logs', '--tail', '5', containerOf(container.name)])
  const found = [started, await asked(container.readinessProbe), await asked(container.livenessProbe)]
  const isContent = found.every((status) => status === 200)
  hold(`${container.name}: its probes for start, readiness and life`, isContent, `${found} ${said.stdout}${said.stderr}`)
}

async function holdRights(podman, name, hold) {
  const tries = 'for d in / /etc /usr /app /home/node; do (: > $d/was-here) 2>/dev/null && echo "WRITES $d"; done'
  const look = `cat /proc/1/status; ${tries}; : > /tmp/was-here && echo TMP`
  const { stdout: status } = await podman.run(['exec', containerOf(name), 'sh', '-c', look])
  const of = (word) => new RegExp(`^${word}:\\s+(\\S+)`, 'm').exec(status)?.[1]
  const found = [of('Uid'), of('CapBnd'), of('NoNewPrivs'), of('Seccomp'), status.match(/WRITES \S+/g), status.endsWith('TMP')]
  const holds = JSON.stringify(found) === JSON.stringify(['1000', '0'.repeat(16), '1', '2', null, true])
  hold(`${name}: uid 1000, no rights, system calls filtered, writes nowhere but to /tmp`, holds, found)
}

async function stops(podman, name, hold) {
  await podman.run(['stop', '--time', '25', containerOf(name)], { seconds: 60 })
  const { stdout: code } = await podman.run(['inspect', '--format', '{{.State.ExitCode}}', containerOf(name)])
  hold(`${name} is process 1, and stops within its time with exit code 0`, code === '0', code)
}
