import { Body, Controller, Delete, Get, Param, Post, UseGuards } from '@nestjs/common';
import { ApiKeyAuthGuard, CurrentPrincipal, type Principal, Public, Roles, SYSTEM_MANAGER } from 'latchkey';

interface Article {
  id: number;
  title: string;
  author: string;
}

@Controller('articles')
@UseGuards(ApiKeyAuthGuard)
export class ArticlesController {
  private readonly articles: Article[] = [{ id: 1, title: 'Hello', author: 'Administrator' }];

  /** Open to everybody, with and without a key. */
  @Get()
  @Public()
  list() {
    return this.articles;
  }

  /** Anyone with a key. */
  @Get('mine')
  mine(@CurrentPrincipal() principal: Principal) {
    return this.articles.filter(({ author }) => author === principal.name);
  }

  @Post()
  @Roles('Author', SYSTEM_MANAGER) // any of these
  write(@CurrentPrincipal() principal: Principal, @Body('title') title: string) {
    const article = { id: this.articles.length + 1, title, author: principal.name };
    this.articles.push(article);
    return article;
  }

  @Delete(':id')
  @Roles(SYSTEM_MANAGER)
  remove(@Param('id') id: string) {
    const at = this.articles.findIndex((article) => article.id === Number(id));
    if (at !== -1) this.articles.splice(at, 1);
  }
}
