import { InvalidArgumentError } from 'commander'
import type { Command } from 'commander'
import { Context } from './context.js'
import type { Io } from './io.js'

type Options = Record<string, string | boolean | string[] | undefined>

/** Commander hands over (…arguments, options, command); a command of ours gets a Context, its arguments and its options. */
export function action<O = Options>(io: Io, work: (context: Context, options: O, args: (string | undefined)[]) => Promise<void> | void) {
  return async (...given: unknown[]): Promise<void> => {
    const command = given.at(-1) as Command
    await work(new Context(io, command), command.opts() as O, given.slice(0, -2) as (string | undefined)[])
  }
}

/** Indented as Commander indents its own sections. */
export function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}\n`
}

export function integer(name: string, min: number, max: number) {
  return (value: string): number => {
    const number = Number(value)
    if (!Number.isInteger(number) || number < min || number > max)
      throw new InvalidArgumentError(`${name} must be a whole number from ${min} to ${max}.`)
    return number
  }
}
