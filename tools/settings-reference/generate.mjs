// `npm run generate -w @portico/settings-reference` (after `npm run build`): what is said of a project's settings in the API reference, in
// docs/settings.md and by the command line, from the table libs/kernel/settings/project-settings.ts.
// `-- --check` writes nothing and fails when a committed file is not what it would write.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { LIMITS } from '../../libs/kernel/dist/settings/limits.js'
import { SETTINGS } from '../../libs/kernel/dist/settings/project-settings.js'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const SETTINGS_TABLE = Object.entries(SETTINGS)

export const TARGETS = [
  { file: 'openapi/control-plane.yaml', generate: openapi },
  { file: 'docs/settings.md', generate: page },
  { file: 'apps/cli/setting-options.generated.ts', generate: cliOptions },
]

function openapi(text) {
  const look = { ...nullable(SETTINGS.branding.kind.schema), type: 'object', description: SETTINGS.branding.description }
  const schemas = Object.entries({ Settings: answered(), SettingsInput: taken(), BrandingInput: look })
  return schemas.reduce((written, [name, schema]) => replaceSchema(written, name, schema), text)
}

/** Replaces `components.schemas[name]`, and nothing else of the file. */
function replaceSchema(text, name, schema) {
  const lines = text.split('\n')
  const start = lines.indexOf(`    ${name}:`)
  if (start === -1) throw new Error(`openapi/control-plane.yaml has no schema ${name}`)
  const after = lines.slice(start + 1).findIndex((line) => /^ {0,4}\S/.test(line))
  const end = after === -1 ? lines.length : start + 1 + after
  const written = stringify({ [name]: schema }, { indent: 2, lineWidth: 140, aliasDuplicateObjects: false, compat: 'yaml-1.1' }).trimEnd()
  return [...lines.slice(0, start), ...written.split('\n').map((line) => (line === '' ? '' : `    ${line}`)), ...lines.slice(end)].join(
    '\n',
  )
}

function answered() {
  return {
    type: 'object',
    properties: Object.fromEntries(
      SETTINGS_TABLE.map(([name, { kind, default: standard, description }]) => [
        name,
        {
          ...kind.schema,
          type: standard === null ? [kind.schema.type, 'null'] : kind.schema.type,
          description,
          ...(name === 'limits' ? {} : { default: standard }),
        },
      ]),
    ),
    required: Object.keys(SETTINGS),
  }
}

function taken() {
  const settable = SETTINGS_TABLE.filter(([, { readOnly }]) => !readOnly)
  const synonyms = SETTINGS_TABLE.flatMap(([name, { kind, synonyms = [] }]) =>
    synonyms.map((spelling) => {
      const one = name === 'providers' ? ['string', 'array', 'null'] : [kind.schema.type, 'null']
      return [spelling, { type: one, ...(kind.schema.items && { items: { type: 'string' } }), description: `Synonym of \`${name}\`.` }]
    }),
  )
  return {
    type: 'object',
    properties: Object.fromEntries([
      ...settable.map(([name, { kind, description }]) => [name, { ...nullable(kind.schema), description }]),
      ...synonyms,
    ]),
    additionalProperties: false,
    description: 'Any of the settings; `null` restores a default. Two synonyms that disagree are refused (`conflicting_settings`).',
  }
}

function nullable({ type, enum: allowed, properties, required: _required, ...schema }) {
  if (properties === undefined) return { type: [type, 'null'], ...schema, ...(allowed && { enum: [...allowed, null] }) }
  const each = Object.entries(properties).map(([name, { description, ...bucket }]) => [
    name,
    { oneOf: [bucket, { type: 'null' }], description },
  ])
  return { type: [type, 'null'], ...schema, properties: Object.fromEntries(each), additionalProperties: false }
}

function page() {
  return `# Settings of a project

Written by tools/settings-reference from \`libs/kernel/settings/project-settings.ts\`: change that table and run \`npm run generate\`.

\`PATCH /projects/{id}/auth\` changes any of them, \`null\` restores the default; \`portico data auth update\` has an option for each, and \`--settings\`
takes JSON. A bad value is refused with the name of the setting, and nothing is changed.

| Setting | Default | Values | Meaning | Since |
| --- | --- | --- | --- | --- |
${SETTINGS_TABLE.map(([name, definition]) => `| \`${name}\` | ${standardOf(name, definition)} | ${valuesOf(name, definition)} | ${definition.description}${alsoKnown(definition)} | ${definition.since} |`).join('\n')}

## Limits

Each is \`{"points", "window_seconds"}\`: so many uses in so many seconds. Changed one by one: \`{"limits": {"signup_client": {"points": 50, "window_seconds": 900}}}\`.

| Bucket | Default | Counts |
| --- | --- | --- |
${Object.entries(LIMITS)
  .map(
    ([name, { points, window_seconds: window, counts }]) =>
      `| \`${name}\` | ${points.toLocaleString('en')} in ${window.toLocaleString('en')} s | ${counts} |`,
  )
  .join('\n')}
`
}

function standardOf(name, { default: standard }) {
  if (name === 'limits') return 'see below'
  if (standard === null) return 'none'
  if (Array.isArray(standard) && standard.length === 0) return 'empty'
  return `\`${typeof standard === 'string' ? standard : JSON.stringify(standard)}\``
}

function valuesOf(name, { kind: { schema } }) {
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(', ')
  if (schema.type === 'integer') return `${schema.minimum.toLocaleString('en')} to ${schema.maximum.toLocaleString('en')}`
  if (schema.type === 'boolean') return '`true`, `false`'
  if (schema.type === 'array') return `a list of at most ${schema.maxItems.toLocaleString('en')}`
  if (schema.type === 'object') return name === 'limits' ? 'see below' : `\`{${Object.keys(schema.properties).join(', ')}}\``
  return schema.format === 'uri' ? 'a URL' : 'text'
}

function alsoKnown({ synonyms = [] }) {
  return synonyms.length === 0 ? '' : ` Also read as ${synonyms.map((spelling) => `\`${spelling}\``).join(', ')}.`
}

function cliOptions() {
  const options = SETTINGS_TABLE.filter(([, { kind, readOnly }]) => kind.option !== null && !readOnly).map(
    ([name, { kind, description, option, default: standard }]) => ({
      setting: name,
      option: option ?? name.replace(/_seconds$/, '').replaceAll('_', '-'),
      kind: kind.option,
      description: description.replaceAll('`', ''),
      ...(kind.schema.enum && { choices: kind.schema.enum }),
      ...(kind.schema.minimum !== undefined && { least: kind.schema.minimum, most: kind.schema.maximum }),
      default: standard,
    }),
  )
  const literal = (value) =>
    typeof value === 'string'
      ? `'${value.replaceAll("'", String.raw`\'`)}'`
      : Array.isArray(value)
        ? `[${value.map(literal).join(', ')}]`
        : String(value)
  return `// Written by tools/settings-reference from libs/kernel/settings/project-settings.ts: change that table and run \`npm run generate\`.

export interface SettingOption {
  /** Its name in the HTTP API. */
  setting: string
  /** Its option, without the two dashes. */
  option: string
  kind: 'yes_no' | 'choice' | 'integer' | 'duration' | 'text' | 'list'
  description: string
  choices?: readonly string[]
  least?: number
  most?: number
  default: unknown
}

export const SETTING_OPTIONS: readonly SettingOption[] = [
${options
  .map(
    (option) =>
      `  {\n${Object.entries(option)
        .map(([key, value]) => `    ${key}: ${literal(value)},`)
        .join('\n')}\n  },`,
  )
  .join('\n')}
]
`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const check = process.argv.includes('--check')
  for (const { file, generate } of TARGETS) {
    const before = readIfThere(ROOT + file)
    const after = generate(before)
    if (before === after) continue
    if (check) {
      console.error(`${file} is stale: npm run generate`)
      process.exitCode = 1
    } else {
      writeFileSync(ROOT + file, after)
      console.log(`wrote ${file}`)
    }
  }
}

function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
