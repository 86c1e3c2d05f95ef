const LEVELS = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' }
const SILENT = new Set(['level', 'time', 'pid', 'hostname', 'msg', 'name', 'v'])

/** A JSON log line in a form for people; any other line as it is. */
export function printableLine(line) {
  if (!line.startsWith('{')) return line
  let record
  try {
    record = JSON.parse(line)
  } catch {
    return line
  }
  const level = LEVELS[record.level] ?? record.level ?? 'info'
  const fields = Object.entries(record)
    .filter(([name]) => !SILENT.has(name))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  return [level.padEnd(5), record.msg, ...fields].filter((part) => part !== undefined && part !== '').join(' ')
}
