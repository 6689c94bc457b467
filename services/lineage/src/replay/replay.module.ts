import { Module } from '@nestjs/common';
import { DigestRecorder } from './digests/digest-recorder.js';
import { DigestSchedule } from './digests/digest-schedule.js';
import { DigestSource } from './digests/digest-source.js';
import { DigestController } from './http/digest.controller.js';
import { ReplayController } from './http/replay.controller.js';
import { ReplayStreams } from './stream/replay-streams.js';

@Module({ controllers: [DigestController, ReplayController], providers: [DigestSource, DigestRecorder, DigestSchedule, ReplayStreams] })
export class ReplayModule {}
