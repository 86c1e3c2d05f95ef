import { Body, Controller, Delete, Inject, Param, Put } from '@nestjs/common'
import type { ProjectScope } from '@portico/database/project-scope'
import { Access, Principal, Project } from '@portico/http/access'
import { validated } from '@portico/http/validated'
import { AuthError } from '@portico/kernel/auth-error'
import { IMAGE_KINDS, type ImageKind } from '@portico/platform/branding/read-image'
import type { Caller } from '@portico/platform/caller'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { BrandImageBody } from './brand-images.body.js'

/** The pictures of a project's pages and mails. */
@Controller('api/v1/projects/:projectId/auth/branding')
export class BrandImagesController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Put(':kind') @Access({ permission: 'auth.write' })
  async set(
    @Project() scope: ProjectScope,
    @Principal() caller: Caller,
    @Param('kind') kind: string,
    @Body(validated(BrandImageBody)) body: BrandImageBody,
  ) {
    const { name, width, height } = await this.use.brandImages.set(scope, caller, known(kind), body.data)
    return { data: { name, width, height } }
  }

  @Delete(':kind') @Access({ permission: 'auth.write' })
  async remove(@Project() scope: ProjectScope, @Principal() caller: Caller, @Param('kind') kind: string) {
    await this.use.brandImages.remove(scope, caller, known(kind))
    return { data: null }
  }
}

function known(kind: string): ImageKind {
  const found = IMAGE_KINDS.find((each) => each === kind)
  if (!found) throw new AuthError('not_found')
  return found
}
