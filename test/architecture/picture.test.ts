import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const ROOT = new URL('../../', import.meta.url).pathname
const PAGE = readFileSync(`${ROOT}docs/architecture.md`, 'utf8')
const git = (...globs: string[]) =>
  execFileSync('git', ['ls-files', ...globs], { cwd: ROOT, encoding: 'utf8' }).split('\n').filter((file) => file !== '')

/** `apps/data-plane libs/http`: who imports whom, from the code. */
function realArrows(): Set<string> {
  const packages = new Map(
    git('apps/*/package.json', 'libs/*/package.json').map((file): [string, string] => {
      const { name } = JSON.parse(readFileSync(ROOT + file, 'utf8')) as { name: string }
      return [name, file.replace('/package.json', '')]
    }),
  )
  const sources = git('apps/*.ts', 'apps/*.tsx', 'libs/*.ts').filter((file) => !/\.test\.tsx?$|generated/.test(file))
  return new Set(
    sources.flatMap((file) => {
      const from = file.split('/').slice(0, 2).join('/')
      return [...readFileSync(ROOT + file, 'utf8').matchAll(/ from '((?:@[\w-]+\/)?[\w-]+)/g)].flatMap(([, name]) => {
        const to = packages.get(name!)
        return to === undefined || to === from ? [] : [`${from} ${to}`]
      })
    }),
  )
}

const picture = new Set([...PAGE.matchAll(/^ {2}((?:apps|libs)\/[\w-]+) --> (libs\/[\w-]+)$/gm)].map(([, from, to]) => `${from} ${to}`))

function reaches(from: string, to: string): boolean {
  const below = [...picture].filter((arrow) => arrow.startsWith(`${from} `)).map((arrow) => arrow.split(' ')[1]!)
  return below.includes(to) || below.some((each) => reaches(each, to))
}

test('every arrow of the picture is an import, and every import a way along its arrows', () => {
  const real = realArrows()
  expect(real.size).toBeGreaterThan(30)
  expect([...picture].filter((arrow) => !real.has(arrow))).toEqual([])
  expect([...real].filter((arrow) => !reaches(...(arrow.split(' ') as [string, string])))).toEqual([])
})

test('the twenty guesses name files that are there', () => {
  const [, table] = PAGE.split('## Twenty guesses')
  const files = [...table!.split('\n## ')[0]!.matchAll(/^\|[^|]*\| `((?:apps|libs)\/[^`]+)` \|$/gm)].map(([, file]) => file!)
  expect(files).toHaveLength(20)
  expect(files.filter((file) => !existsSync(ROOT + file))).toEqual([])
})
