export const ENV_FORMATS = ['json', 'dotenv', 'shell', 'k8s-secret'] as const
export type EnvFormat = (typeof ENV_FORMATS)[number]

const PLAIN = /^[A-Za-z0-9_./:@%+,=-]+$/

/**
 * `.env` lines. Readers disagree about escapes, so a value is put between quotes that it does not contain and that leave it alone:
 * single ones, else double ones (when nothing in it would be expanded), else backticks. Only a value that holds all three kinds is escaped.
 */
export function toDotenv(env: Readonly<Record<string, string>>): string {
  return lines(env, (name, value) => `${name}=${dotenvValue(value)}`)
}

/** Lines for a POSIX shell: between single quotes nothing is special but the quote itself. */
export function toShell(env: Readonly<Record<string, string>>): string {
  return lines(env, (name, value) => `export ${name}='${value.replaceAll("'", String.raw`'\''`)}'`)
}

/** A Kubernetes Secret; values are base64, so nothing in them can end the YAML. */
export function toKubernetesSecret(projectId: string, env: Readonly<Record<string, string>>): string {
  const head = `apiVersion: v1\nkind: Secret\nmetadata:\n  name: portico-${projectId}\ntype: Opaque\n`
  if (Object.keys(env).length === 0) return `${head}data: {}\n`
  return `${head}data:\n${lines(env, (name, value) => `  ${name}: "${Buffer.from(value).toString('base64')}"`)}`
}

function lines(env: Readonly<Record<string, string>>, line: (name: string, value: string) => string): string {
  return Object.entries(env).map(([name, value]) => `${line(name, value)}\n`).join('')
}

function dotenvValue(value: string): string {
  if (PLAIN.test(value)) return value
  if (!value.includes("'")) return `'${value}'`
  if (!/["\\$`\r\n]/.test(value)) return `"${value}"`
  if (!value.includes('`')) return `\`${value}\``
  return `"${value.replace(/[\\"$`]/g, String.raw`\$&`).replaceAll('\n', String.raw`\n`).replaceAll('\r', String.raw`\r`)}"`
}
