import { Controller, Get, Module, Post } from '@nestjs/common';

/** The smallest service, for the harness's own specs. Decorators need a file that is no spec: specs are outside of the tsconfig that turns them on. */
@Controller('echo')
class EchoController {
  @Get()
  answer(): object {
    return { ok: true };
  }

  @Post()
  accept(): string {
    return 'taken';
  }
}

@Module({ controllers: [EchoController] })
export class EchoModule {}
