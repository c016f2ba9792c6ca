// What the core needs of Nest, file by file: its index brings RxJS and four hundred files more, which is half of the time
// that a command takes. What is no part of a command imports `@nestjs/common` as everybody does.
import 'reflect-metadata';

export { Inject } from '@nestjs/common/decorators/core/inject.decorator.js';
export { Injectable } from '@nestjs/common/decorators/core/injectable.decorator.js';
export { Optional } from '@nestjs/common/decorators/core/optional.decorator.js';
export { HttpException } from '@nestjs/common/exceptions/http.exception.js';
export { Logger } from '@nestjs/common/services/logger.service.js';
