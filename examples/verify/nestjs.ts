import 'reflect-metadata'
import type { Server } from 'node:http'
import {
  Controller,
  createParamDecorator,
  type ExecutionContext,
  HttpCode,
  Module,
  Post,
  UseGuards,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import { createVerifier, memoryReplayStore, type Webhook } from 'postern/verify'
import { webhookGuard, webhookOf } from 'postern/verify/nestjs'
import { square } from 'postern/verify/providers/square'
import { orders } from './orders.ts'

const verifier = createVerifier({
  provider: square,
  secret: process.env['SQUARE_SIGNATURE_KEY'],
  // Square signs the address as it was entered in its dashboard.
  publicUrl: 'https://shop.example.com/webhooks/square',
  replay: memoryReplayStore(),
})

const VerifiedWebhook = createParamDecorator((_: unknown, context: ExecutionContext) =>
  webhookOf(context.switchToHttp().getRequest()),
)

@Controller('webhooks')
class WebhooksController {
  @Post('square')
  @HttpCode(200)
  @UseGuards(webhookGuard(verifier))
  async square(@VerifiedWebhook() hook: Webhook): Promise<void> {
    await orders.apply(hook)
  }
}

@Module({ controllers: [WebhooksController] })
class AppModule {}

// `rawBody` keeps the bytes beside the parsed body; Nest's own limit is 100 kB unless told otherwise.
const app = await NestFactory.create<NestExpressApplication>(AppModule, { rawBody: true, logger: ['error', 'warn'] })
app.useBodyParser('json', { limit: '1mb' })
await app.listen(Number(process.env['PORT'] ?? 3000))
export const server: Server = app.getHttpServer()
