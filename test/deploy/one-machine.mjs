// docker-compose.yml: one machine, TLS in front.
import { Compose, holdRights, holdStates } from './compose.mjs'
import { tidied } from './engine.mjs'
import { IMAGE, buildImageOnce } from './image.mjs'
import { openMailbox } from './mailbox.mjs'
import { ask, goOn, tellStory } from './story.mjs'

export async function proveOneMachine({ engine, images, folder }, tools) {
  const { hold, timed, ready } = tools
  await buildImageOnce(engine, images, timed)
  const mailbox = await openMailbox()
  const compose = new Compose(engine, images, folder, 'docker-compose.yml', 'portico-proof')
  await compose.prepare(mailbox, { 'portico:latest': IMAGE })
  const clean = async () => {
    await compose.down()
    await mailbox.close()
  }
  await tidied(clean, async () => {
    const { result: seconds } = await timed('docker compose up, until every health check is content', () => compose.up(240))
    ready(seconds)
    const house = await compose.house(mailbox)
    await holdStates(compose, tools)
    const { result: person } = await timed('the story, through Caddy', () => tellStory(house))
    hold('the story, with mails that the worker sent', true)
    await holdRights(compose, tools)
    await holdDoor(house, hold)
    await holdNetworks(compose, hold)
    await holdSecrets(compose, hold)

    await timed('docker compose down, volumes kept, and up again', async () => {
      await compose.run(['stop', '--timeout', '20'], { seconds: 120 })
      for (const name of ['control-plane', 'data-plane', 'worker', 'postgres', 'redis']) {
        const code = await compose.state(name, '{{.State.ExitCode}}')
        hold(`${name} stops within its time, with exit code 0`, code === '0', code)
      }
      await compose.run(['down'], { seconds: 120 })
      await compose.up(240)
    })
    const again = await compose.house(mailbox)
    const settings = () => ask(again.doors.data, 'GET', `${person.url}/settings`).catch(() => null)
    await compose.until('Caddy leads to them', async () => (await settings())?.status === 200, 30)
    await goOn(person, again)
    hold('whoever had signed up is still there, and goes on with the refresh token', true)
  })
}

async function holdDoor({ control, data, doors }, hold) {
  for (const path of ['/health/ready', '/internal/tls-ask', '/metrics']) {
    const { status } = await ask(doors.data, 'GET', `${data}${path}`)
    hold(`${path} is nobody's outside`, status === 404, status)
  }
  const { headers, status } = await ask(doors.control, 'GET', `${control}/console`)
  const forGood = headers['strict-transport-security']?.includes('max-age=31536000')
  hold('the console answers, over TLS for good', status < 400 && forGood === true, status)
}

/** PostgreSQL and Redis have no way out, and nobody but the services a way in. */
async function holdNetworks(compose, hold) {
  const networks = JSON.parse((await compose.engine.docker(['network', 'inspect', `${compose.project}_data`])).stdout)
  hold('the network of data is internal', networks[0].Internal === true)
  for (const name of ['postgres', 'redis']) {
    const on = Object.keys(JSON.parse(await compose.state(name, '{{json .NetworkSettings.Networks}}')))
    const ports = await compose.state(name, '{{json .HostConfig.PortBindings}}')
    const alone = on.join() === `${compose.project}_data` && /^(?:null|\{\})$/.test(ports)
    hold(`${name} is on that network alone, with no port of this machine`, alone, `${on} ${ports}`)
  }
}

/** The services are not given the owner of the database; no log line holds a secret. */
async function holdSecrets(compose, hold) {
  const { POSTGRES_PASSWORD, ...others } = compose.secrets
  for (const name of ['control-plane', 'data-plane', 'worker'])
    hold(`${name} is not given the owner's password`, !(await compose.state(name, '{{json .Config.Env}}')).includes(POSTGRES_PASSWORD))
  const { stdout } = await compose.run(['logs', '--no-color'])
  const leak = Object.entries({ POSTGRES_PASSWORD, ...others }).find(([, value]) => stdout.includes(value))?.[0]
  hold('no log line of any container holds a secret', leak === undefined, leak)
}
