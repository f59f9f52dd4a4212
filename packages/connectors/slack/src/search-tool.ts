import { numberedPages, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { maybe } from './answers.ts'
import { tier2 } from './limits.ts'
import { call, teamId } from './requests.ts'

const Match = z.object({
  ts: z.string(),
  text: maybe(z.string()),
  user: maybe(z.string()),
  username: maybe(z.string()),
  channel: z.object({ id: z.string(), name: maybe(z.string()) }),
  permalink: maybe(z.string()),
})

export const searchMessages = tool({
  description:
    'Search all messages that the person whose token this is can see. Works with a user token (xoxp-) only: Slack refuses ' +
    'bot tokens. The query takes Slack\'s modifiers: from:@ada in:#general before:2026-01-31 has:link "exact words".',
  effect: 'read',
  limit: tier2,
  scopes: ['search:read'],
  input: z.object({
    query: z.string().min(1),
    sort: z.enum(['score', 'timestamp']).default('score'),
    sort_dir: z.enum(['desc', 'asc']).default('desc'),
    count: z.number().int().min(1).max(100).default(20).describe('How many matches.'),
    page: z.number().int().min(1).max(100).default(1).describe('Which page of that many.'),
    team_id: teamId,
  }),
  output: z.object({ messages: z.object({ total: z.number(), matches: z.array(Match) }) }),
  request: (input) => call('search.messages', input),
  // The best matches come first: a call reads one page, and who wants more says so.
  pages: numberedPages({
    items: 'messages.matches',
    param: 'page',
    place: 'body',
    totalPages: 'messages.paging.pages',
    max: 1,
  }),
})
