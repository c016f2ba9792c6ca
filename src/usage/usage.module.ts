import { Module } from '@nestjs/common';
import { ApiKeysModule } from '../api-keys/api-keys.module.js';
import { UsageService } from './usage.service.js';

@Module({ imports: [ApiKeysModule], providers: [UsageService], exports: [UsageService] })
export class UsageModule {}
