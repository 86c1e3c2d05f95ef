import type { StatsQuery as StatsWindowQuery } from '@portico/platform/stats/stats-window'
import { IsIn, IsISO8601, IsOptional } from 'class-validator'
import { readInstant } from '../http/instant.js'

export class StatsQuery {
  @IsOptional() @IsISO8601({ strict: true, strictSeparator: true }) from?: string
  @IsOptional() @IsISO8601({ strict: true, strictSeparator: true }) to?: string
  @IsOptional() @IsIn(['hour', 'day']) interval?: 'hour' | 'day'
}

export function statsQuery({ from, to, interval }: StatsQuery): StatsWindowQuery {
  return { from: readInstant('from', from), to: readInstant('to', to), interval }
}
