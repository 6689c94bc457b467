import { Module } from '@nestjs/common';
import { DigestRecorder } from './digests/digest-recorder.js';
import { DigestSchedule } from './digests/digest-schedule.js';
import { DigestSource } from './digests/digest-source.js';
import { DigestController } from './http/digest.controller.js';

@Module({ controllers: [DigestController], providers: [DigestSource, DigestRecorder, DigestSchedule] })
export class ReplayModule {}
