export const ENV_FORMATS = ['dotenv', 'shell', 'json'] as const
export type EnvFormat = (typeof ENV_FORMATS)[number]

/** Text that gives exactly these values back to whatever reads the format. */
export function formatEnv(env: Record<string, string>, format: EnvFormat): string {
  if (format === 'json') return `${JSON.stringify(env, null, 2)}\n`
  const line = format === 'dotenv' ? dotenvLine : shellLine
  return Object.entries(env)
    .map(([name, value]) => `${line(name, value)}\n`)
    .join('')
}

/**
 * Readers differ in what they undo inside double quotes, but all take single quotes literally; dotenv readers have no
 * escape for a single quote there, so only values with one use double quotes.
 */
function dotenvLine(name: string, value: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]*$/.test(value)) return `${name}=${value}`
  if (!value.includes("'")) return `${name}='${value}'`
  return `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
}

function shellLine(name: string, value: string): string {
  return `export ${name}='${value.replaceAll("'", `'\\''`)}'`
}
