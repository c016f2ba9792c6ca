import { ApiParam, ApiProperty, ApiSchema } from '@nestjs/swagger';
import { MAX_LENGTH } from '../users/user-name.js';
import type { UserRecord } from '../users/user-rows.js';
import { pageOf } from './page.js';

@ApiSchema({ name: 'User' })
export class UserView {
  @ApiProperty({ description: 'Opaque, and never used again.', example: '00000000-0000-4000-8000-000000000000' })
  id: string;

  @ApiProperty({
    description: 'The e-mail in lower case; `Administrator` has a name alone.',
    maxLength: MAX_LENGTH,
    example: 'user@example.com',
  })
  name: string;

  @ApiProperty({ type: String, format: 'email', nullable: true, maxLength: MAX_LENGTH, example: 'user@example.com' })
  email: string | null;

  @ApiProperty({ minLength: 1, maxLength: MAX_LENGTH, example: 'A User' })
  fullName: string;

  @ApiProperty({ description: 'Who is disabled gets in nowhere.' })
  enabled: boolean;

  @ApiProperty({ type: [String], description: 'Sorted by name.', example: ['System Manager'] })
  roles: readonly string[];

  @ApiProperty()
  createdAt: Date;

  @ApiProperty()
  updatedAt: Date;
}

export const UserPage = pageOf('UserPage', UserView);

export function toUserView({ id, name, fullName, enabled, roles, createdAt, updatedAt }: UserRecord): UserView {
  const email = name.includes('@') ? name : null; // Administrator has none
  return { id, name, email, fullName, enabled, roles, createdAt, updatedAt };
}

/** Describes the path parameter of a user. */
export const UserName = () =>
  ApiParam({ name: 'name', description: 'The name of a user.', example: 'user@example.com' });
