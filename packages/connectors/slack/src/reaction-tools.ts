import { tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { Done } from './answers.ts'
import { tier2, tier3 } from './limits.ts'
import { call, channelId, timestamp } from './requests.ts'

const reaction = z.object({
  channel: channelId,
  timestamp: timestamp.describe('ts of the message.'),
  name: z
    .string()
    .regex(/^[^:\s]+(::skin-tone-[2-6])?$/, 'Without colons: thumbsup, not :thumbsup:.')
    .describe('Name of the emoji without colons: thumbsup.'),
})

export const addReaction = tool({
  description: 'React to a message with an emoji. already_reacted means that it is there already.',
  effect: 'write',
  limit: tier3,
  scopes: ['reactions:write'],
  input: reaction,
  output: Done,
  request: (input) => call('reactions.add', input),
  reconcile: 'Call it again: already_reacted means that it was added.',
})

export const removeReaction = tool({
  description: "Take back this account's own reaction to a message. no_reaction means that there is none.",
  effect: 'write',
  limit: tier2,
  scopes: ['reactions:write'],
  input: reaction,
  output: Done,
  request: (input) => call('reactions.remove', input),
  reconcile: 'Call it again: no_reaction means that it was removed.',
})
