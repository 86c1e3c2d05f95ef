import { type Command, InvalidArgumentError, Option } from 'commander'
import { CliError } from './cli-error.js'
import { SETTING_OPTIONS, type SettingOption } from './setting-options.generated.js'

const YES_NO = ['yes', 'no', 'true', 'false']
const UNIT_SECONDS: Record<string, number> = { s: 1, m: 60, h: 3_600, d: 86_400 }

/** One option for each setting of a project that fits a command line. A bad value is a usage error: nothing is sent. */
export function withSettingFlags(command: Command): Command {
  for (const setting of SETTING_OPTIONS) command.addOption(optionOf(setting))
  return command
}

/** The given settings, named as in the HTTP API. */
export function settingFlags(options: Record<string, unknown>): Record<string, unknown> {
  const given = SETTING_OPTIONS.map(({ setting, option }) => [setting, options[camelCase(option)]] as const)
  return Object.fromEntries(given.filter(([, value]) => value !== undefined))
}

function optionOf({ option, kind, description, choices, least, most }: SettingOption): Option {
  switch (kind) {
    case 'yes_no':
      return new Option(`--${option} <yes|no>`, description).argParser((text) => {
        if (!YES_NO.includes(text)) throw new InvalidArgumentError('It must be yes or no.')
        return text === 'yes' || text === 'true'
      })
    case 'choice':
      return new Option(`--${option} <name>`, description).choices(choices ?? [])
    case 'integer':
      return new Option(`--${option} <n>`, `${description} ${least} to ${most}.`).argParser((text) => inRange(text, text, least, most))
    case 'duration':
      return new Option(`--${option} <time>`, `${description} Seconds, or 5m, 12h, 30d.`).argParser((text) =>
        inRange(text, secondsOf(text), least, most),
      )
    case 'list':
      return new Option(`--${option} <list>`, `${description} Separated by commas, or given several times.`).argParser(
        (text, before: string[] | undefined) => [
          ...(before ?? []),
          ...text
            .split(',')
            .map((item) => item.trim())
            .filter((item) => item !== ''),
        ],
      )
    case 'text':
      return new Option(`--${option} <text>`, description).argParser((text) => {
        if (text.trim() === '') throw new InvalidArgumentError('It must not be empty.')
        return text
      })
  }
}

function secondsOf(text: string): string | number {
  const [, amount, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  return amount === undefined || unit === undefined ? text : Number(amount) * UNIT_SECONDS[unit]!
}

function inRange(text: string, value: string | number, least = 0, most = Number.MAX_SAFE_INTEGER): number {
  const number = typeof value === 'number' ? value : /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN
  if (!(number >= least && number <= most)) throw new InvalidArgumentError(`${text} is not from ${least} to ${most}.`)
  return number
}

/** As commander names the value of an option. */
function camelCase(option: string): string {
  return option.replaceAll(/-(\w)/g, (_dash, letter: string) => letter.toUpperCase())
}

/** Refuses a setting that is given twice, as an option and in `--settings`. */
export function mergeFlags(json: Record<string, unknown>, flags: Record<string, unknown>): Record<string, unknown> {
  const twice = Object.keys(flags).find((name) => Object.hasOwn(json, name))
  if (twice !== undefined) throw new CliError('conflicting_options', `${twice} is given twice: as an option and in --settings.`)
  return { ...json, ...flags }
}
