import { IsIn, IsISO8601, IsOptional } from 'class-validator'
import { PageQuery } from '../http/page.body.js'

export class ProjectUsageQuery extends PageQuery {
  @IsOptional() @IsISO8601({ strict: true, strictSeparator: true }) from?: string
  @IsOptional() @IsISO8601({ strict: true, strictSeparator: true }) to?: string
  @IsOptional() @IsIn(['day', 'month']) interval?: 'day' | 'month'
}

export class UsageQuery extends ProjectUsageQuery {
  @IsOptional() @IsIn(['project', 'tenant']) group_by?: 'project' | 'tenant'
}
