// What Nest on Fastify costs by itself: one controller, nothing else.
import 'reflect-metadata'
import { Controller, Get, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter } from '@nestjs/platform-fastify'

class HelloController {
  hello() {
    return { hello: 'world' }
  }
}
Get()(HelloController.prototype, 'hello', Object.getOwnPropertyDescriptor(HelloController.prototype, 'hello'))
Controller()(HelloController)
class AppModule {}
Module({ controllers: [HelloController] })(AppModule)
const app = await NestFactory.create(AppModule, new FastifyAdapter(), { logger: false })
await app.listen(Number(process.env.PORT), '127.0.0.1')
