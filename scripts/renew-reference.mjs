// `node scripts/renew-reference.mjs [version]`: the API reference's script, libs/http/reference/scalar.js.br, from the npm package. Only
// its one standalone file: as a dependency the package brings some 300 others and 350 MB. Commit what it writes.
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { ROOT, main, run } from './steps.mjs'

const PACKAGE = '@scalar/api-reference'
const target = join(ROOT, 'libs', 'http', 'reference')

await main(async () => {
  const wanted = process.argv[2] ?? JSON.parse(readFileSync(join(target, 'source.json'), 'utf8')).version
  const folder = mkdtempSync(join(tmpdir(), 'portico-reference-'))
  try {
    await run('npm', ['pack', '--silent', '--pack-destination', folder, `${PACKAGE}@${wanted}`])
    const [tarball] = readdirSync(folder)
    await run('tar', ['xzf', join(folder, tarball), '-C', folder])
    const { version, license } = JSON.parse(readFileSync(join(folder, 'package/package.json'), 'utf8'))
    // Without the table of its own lines, which is not served.
    const script = readFileSync(join(folder, 'package/dist/browser/standalone.js'), 'utf8').replace(
      /\n?\/\/# sourceMappingURL=\S+\s*$/,
      '\n',
    )
    const tarballSha512 = createHash('sha512').update(readFileSync(join(folder, tarball))).digest('base64')
    const source = {
      package: PACKAGE,
      version,
      license,
      integrity: `sha512-${tarballSha512}`,
      sha256: createHash('sha256').update(script).digest('hex'),
    }
    const size = Buffer.byteLength(script)
    writeFileSync(
      join(target, 'scalar.js.br'),
      brotliCompressSync(script, { params: { [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: size } }),
    )
    writeFileSync(join(target, 'source.json'), `${JSON.stringify(source, null, 2)}\n`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
