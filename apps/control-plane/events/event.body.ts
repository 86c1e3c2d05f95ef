import { EVENTS, type EventName } from '@portico/kernel/events'
import { Convert, toBoolean, toInteger } from '@portico/http/validated'
import { IsArray, IsBoolean, IsIn, IsInt, IsOptional, Max, Min } from 'class-validator'
import { PageQuery } from '../http/page.body.js'

export const EVENT_NAMES = Object.keys(EVENTS) as EventName[]
const toList = (value: unknown): unknown => (typeof value === 'string' && value !== '' ? value.split(',') : value)

export class EventsQuery extends PageQuery {
  /** Several with commas. */
  @IsOptional() @Convert(toList) @IsArray() @IsIn(EVENT_NAMES, { each: true }) types?: EventName[]
}

export class EventStreamQuery {
  @IsOptional() @Convert(toList) @IsArray() @IsIn(EVENT_NAMES, { each: true }) types?: EventName[]
  /** Only what a webhook may carry. */
  @IsOptional() @Convert(toBoolean) @IsBoolean() webhooks?: boolean
  /** Ends by itself after so long; a client that comes again with Last-Event-ID misses nothing. */
  @IsOptional() @Convert(toInteger) @IsInt() @Min(1) @Max(3_600) maxSeconds?: number
}
