import { get, path, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { reference, resourceOf, uuidOf } from '../requests.ts'
import { User } from '../shapes.ts'

export const users = {
  get_current_user: tool({
    description: 'Get the user of the token: its uri and its organization, which other tools take.',
    effect: 'read',
    scopes: ['users:read'],
    input: z.object({}),
    output: resourceOf(User),
    request: () => get('users/me'),
  }),
  get_user: tool({
    description: 'Get one user of the organization.',
    effect: 'read',
    scopes: ['users:read'],
    input: z.object({ user: reference('users') }),
    output: resourceOf(User),
    request: (input) => get(path`users/${uuidOf(input.user)}`),
  }),
}
