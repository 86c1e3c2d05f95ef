// `npm run proof:deploy`: starts the set-ups that docs/deploy.md and deploy/ describe, for real, tells the README's story to each and takes
// them down again. What this machine has not is named on the last line.
//   --only=a,b      of: image, compose, compose-ha, chart, systemd
//   --cache=FOLDER  keeps root file systems of Debian there, for machines that reach no registry
//   --list          the set-ups, and what each needs
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { SET_UPS } from '../test/deploy/set-ups.mjs'
import { Engine, cleanUp, tidied } from '../test/deploy/engine.mjs'
import { Report } from '../test/deploy/report.mjs'
import { Images } from '../test/deploy/stand-ins.mjs'
import { Stop, installIfNeeded, main, requireNode } from './steps.mjs'

await main(async () => {
  requireNode()
  const args = process.argv.slice(2)
  const unknown = args.find((arg) => !/^--(list|only=.+|cache=.+)$/.test(arg))
  if (unknown) throw new Stop(`Unknown option ${unknown}; known are --only=words, --cache=folder and --list.`)
  if (args.includes('--list')) {
    for (const { name, needs, does } of SET_UPS) console.log(`${name.padEnd(12)} ${does}\n${' '.repeat(13)}needs ${needs}`)
    return
  }
  const valueOf = (name) => args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3)
  const words = valueOf('only')?.split(',')
  const chosen = SET_UPS.filter(({ name }) => words === undefined || words.includes(name))
  if (chosen.length === 0) throw new Stop(`--only= knows ${SET_UPS.map(({ name }) => name).join(', ')}.`)
  await installIfNeeded()

  const folder = mkdtempSync(join(tmpdir(), 'portico-deploy-'))
  const report = new Report()
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      console.log('taking down what was started …')
      void cleanUp().finally(() => process.exit(130))
    })
  }
  let engine = null
  let images = null
  const clean = async () => {
    await images?.end()
    await engine?.end()
    rmSync(folder, { recursive: true, force: true })
  }
  await tidied(clean, async () => {
    engine = await Engine.find(folder)
    images = engine && new Images(engine, folder, valueOf('cache') && resolve(valueOf('cache')))
    if (engine) console.log(await engine.version())
    for (const { name, title, prove, missing } of chosen) {
      const lacks = await missing(engine)
      if (lacks) report.skip(name, lacks)
      else await report.setUp(title, (tools) => prove({ engine, images, folder }, tools))
    }
    report.print()
    const named = images?.stoodIn.map((image) => image.replace(/@.*/, '')) ?? []
    if (named.length > 0) console.log(`No registry answered: Debian's packages stood in for ${named.join(', ')}.`)
  })
  if (report.failures > 0) throw new Stop(`${report.failures} of what was held against them failed.`)
})
