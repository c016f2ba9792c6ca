import { Module } from '@nestjs/common';
import { RolesService } from './roles.service.js';
import { UsersService } from './users.service.js';

@Module({ providers: [UsersService, RolesService], exports: [UsersService, RolesService] })
export class UsersModule {}
