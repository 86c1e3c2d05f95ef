import { Body, Controller, Delete, Get, Inject, Param, Patch, Post } from '@nestjs/common'
import { Access, Principal } from '@portico/http/access'
import { validated } from '@portico/http/validated'
import type { Caller } from '@portico/platform/caller'
import type { Role } from '@portico/platform/roles/manage-roles'
import { wholeListAnswer } from '../http/page-answer.js'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { ChangeRoleBody, CreateRoleBody } from './role.body.js'

@Controller('api/v1/roles')
export class RolesController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Get() @Access({ permission: 'team.read' })
  async list(@Principal() caller: Caller) {
    return wholeListAnswer((await this.use.manageRoles.list(caller)).map(roleAnswer))
  }

  @Post() @Access({ permission: 'team.manage' })
  async create(@Principal() caller: Caller, @Body(validated(CreateRoleBody)) body: CreateRoleBody) {
    const { name, description = '', permissions } = body
    return { data: roleAnswer(await this.use.manageRoles.create(caller, { name, description, permissions })) }
  }

  @Patch(':role') @Access({ permission: 'team.manage' })
  async change(@Principal() caller: Caller, @Param('role') name: string, @Body(validated(ChangeRoleBody)) body: ChangeRoleBody) {
    return { data: roleAnswer(await this.use.manageRoles.change(caller, name, body)) }
  }

  @Delete(':role') @Access({ permission: 'team.manage' })
  async remove(@Principal() caller: Caller, @Param('role') name: string) {
    await this.use.manageRoles.remove(caller, name)
    return { data: { name, removed: true } }
  }
}

function roleAnswer({ name, description, permissions, builtIn }: Role) {
  return { name, description, permissions, built_in: builtIn }
}
