import { tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { User } from './answers.ts'
import { tier2, tier3, tier4 } from './limits.ts'
import { call, pageSize, pagesOf, teamId } from './requests.ts'

export const listUsers = tool({
  description: 'List the people and bots of the workspace, those who have left included (deleted: true).',
  effect: 'read',
  limit: tier2,
  scopes: ['users:read'],
  input: z.object({ limit: pageSize('Users'), team_id: teamId }),
  output: z.object({ members: z.array(User) }),
  request: (input) => call('users.list', input),
  pages: pagesOf('members'),
})

export const getUser = tool({
  description: 'Get the name, time zone, title and status of one user.',
  effect: 'read',
  limit: tier4,
  scopes: ['users:read'],
  input: z.object({ user: z.string().min(1).describe('Id of the user, such as U024BE7LH.') }),
  output: z.object({ user: User }),
  request: (input) => call('users.info', input),
})

export const findUserByEmail = tool({
  description: 'Find the user with exactly this email address.',
  effect: 'read',
  limit: tier3,
  scopes: ['users:read.email'],
  input: z.object({ email: z.email() }),
  output: z.object({ user: User }),
  request: (input) => call('users.lookupByEmail', input),
})
