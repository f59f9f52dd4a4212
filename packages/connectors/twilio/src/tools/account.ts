import { get, path, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { list, pagesOf, pageSize } from '../requests.ts'
import { Account, PhoneNumber } from '../shapes.ts'
import type { Context } from '../shapes.ts'

export const account = {
  list_phone_numbers: tool({
    description:
      'List the phone numbers of the account and what they can do. They are the senders of messages and calls.',
    effect: 'read',
    input: z.object({
      phone_number: z.string().min(1).optional().describe('Only those that match: +1415*, or a part of the number.'),
      friendly_name: z.string().min(1).optional().describe('Only the one with this name.'),
      page_size: pageSize,
    }),
    output: z.object({ incoming_phone_numbers: z.array(PhoneNumber) }),
    request: (filter, { settings }: Context) =>
      list(path`Accounts/${settings.account}/IncomingPhoneNumbers.json`, filter),
    pages: pagesOf('incoming_phone_numbers'),
  }),
  get_account: tool({
    description: 'Get the name, the status and the type of the account.',
    effect: 'read',
    input: z.object({}),
    output: Account,
    request: (_input, { settings }: Context) => get(path`Accounts/${settings.account}.json`),
  }),
}
