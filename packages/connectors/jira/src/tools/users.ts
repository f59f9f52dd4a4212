import { get, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { issueIdOrKey, pageSize, readsUsers } from '../inputs.ts'
import { getMyself, pagesOfUsers } from '../requests.ts'
import { User } from '../shapes.ts'

const query = z.string().min(1).describe('Beginning of a name or an e-mail address.')
const maxResults = pageSize('Users')

export const users = {
  get_myself: tool({
    description: 'Return the user whose account this connection uses.',
    ...readsUsers,
    input: z.object({}),
    output: User,
    request: () => getMyself,
  }),
  search_users: tool({
    description: 'Find users by name or e-mail address, with the accountId that other tools need.',
    ...readsUsers,
    input: z.object({ query, maxResults }),
    output: z.array(User),
    request: (input) => get('user/search', input),
    pages: pagesOfUsers(),
  }),
  list_users: tool({
    description: 'List all users of the site, inactive ones and apps included.',
    ...readsUsers,
    input: z.object({ maxResults }),
    output: z.array(User),
    request: (input) => get('users/search', input),
    pages: pagesOfUsers(),
  }),
  list_assignable_users: tool({
    description: 'List the users who can be assigned to an issue.',
    ...readsUsers,
    input: z.object({
      issueKey: issueIdOrKey.describe('Key of the issue, such as ENG-42.'),
      query: query.optional(),
      maxResults,
    }),
    output: z.array(User),
    request: (input) => get('user/assignable/search', input),
    pages: pagesOfUsers(),
  }),
}
