import { Body, Controller, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common'
import { Access, Principal } from '@portico/http/access'
import { validated } from '@portico/http/validated'
import type { Caller } from '@portico/platform/caller'
import type { FastifyRequest } from 'fastify'
import { apiKeyAnswer } from '../api-keys/api-key.answer.js'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { deviceCodeAnswer, deviceLoginAnswer } from './device.answer.js'
import { DeviceCodeBody, DeviceDecisionBody, DeviceTokenBody } from './device.body.js'

/** `portico login`: a program asks, a person at the console decides, the program gets a key (RFC 8628). */
@Controller('api/v1/device')
export class DeviceController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Post('code') @HttpCode(200) @Access('public')
  async start(@Body(validated(DeviceCodeBody)) body: DeviceCodeBody, @Req() request: FastifyRequest) {
    const { ip, userAgent } = request.clientInfo()
    return { data: deviceCodeAnswer(await this.use.startDeviceLogin.execute({ clientName: body.clientName, ip, userAgent })) }
  }

  @Post('token') @HttpCode(200) @Access('public')
  async redeem(@Body(validated(DeviceTokenBody)) body: DeviceTokenBody, @Req() request: FastifyRequest) {
    const { row, key } = await this.use.redeemDeviceLogin.execute(body.deviceCode, request.clientInfo())
    return { data: { ...apiKeyAnswer(row), key } }
  }

  @Get('requests/:userCode') @Access({ permission: 'projects.read' })
  async read(@Principal() caller: Caller, @Param('userCode') userCode: string) {
    return { data: deviceLoginAnswer(await this.use.decideDeviceLogin.read(caller, userCode)) }
  }

  /** Whoever is signed in lets in what may do as much as they may: a viewer's machine sees and changes nothing. */
  @Post('approve') @HttpCode(200) @Access('signed-in')
  async decide(@Principal() caller: Caller, @Body(validated(DeviceDecisionBody)) body: DeviceDecisionBody) {
    const state = body.decision === 'deny' ? 'denied' : 'approved'
    return { data: deviceLoginAnswer(await this.use.decideDeviceLogin.execute(caller, body.userCode, state)) }
  }
}
