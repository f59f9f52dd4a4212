import { get, mark, path, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { callerOf, list, pagesOf, pageSize, submit, when } from '../requests.ts'
import { Call, callSid } from '../shapes.ts'
import type { Context } from '../shapes.ts'

const sid = callSid.describe('SID of the call, as list_calls returns it.')
const one = z.object({ sid })
const url = mark(z.url({ protocol: /^https?$/ }), { destination: 'url' })
const address = z.string().min(1)
const status = z.enum(['queued', 'ringing', 'in-progress', 'canceled', 'completed', 'failed', 'busy', 'no-answer'])

export const calls = {
  make_call: tool({
    description:
      'Call a phone, and follow the TwiML when it is picked up. Returns before it rings: get_call has the status.',
    effect: 'write',
    input: z
      .object({
        to: mark(address, { destination: 'recipient' }).describe('Number in E.164, SIP address or client:name.'),
        from: address.optional().describe('Number of the account or a verified caller id.'),
        // TwiML can dial other numbers, and send the audio to an address.
        twiml: mark(z.string().min(1).max(4000), { destination: 'url' })
          .optional()
          .describe('What to do: <Response><Say>The tide is out.</Say></Response>.'),
        url: url.optional().describe('Address that returns the TwiML, instead of twiml.'),
        send_digits: z.string().max(32).optional().describe('Keys to dial first: w waits half a second, W one.'),
        timeout: z.number().int().min(1).max(600).default(60).describe('Seconds to let it ring.'),
        time_limit: z.number().int().min(1).optional().describe('Seconds after which the call ends.'),
        record: z.boolean().optional().describe('Record the call.'),
        machine_detection: z
          .enum(['Enable', 'DetectMessageEnd'])
          .optional()
          .describe('Find out whether a machine picks up.'),
        status_callback: url.optional().describe('Where Twilio reports the progress.'),
        status_callback_event: z.array(z.enum(['initiated', 'ringing', 'answered', 'completed'])).optional(),
      })
      .refine((input) => (input.twiml === undefined) !== (input.url === undefined), 'Pass either twiml or url.'),
    output: Call,
    request: (input, context: Context) =>
      submit(path`Accounts/${context.settings.account}/Calls.json`, { ...input, from: callerOf(input.from, context) }),
    preview: (input) => `Call ${input.to} and follow ${input.twiml ?? input.url}`,
    undo: 'impossible',
    reconcile: 'Look for it with list_calls and the same to before you call again.',
    examples: [{ input: { to: '+14155550100', twiml: '<Response><Say>The tide is out.</Say></Response>' } }],
  }),
  get_call: tool({
    description: 'Get one call: its status, its duration and its price.',
    effect: 'read',
    input: one,
    output: Call,
    request: (input, { settings }: Context) => get(path`Accounts/${settings.account}/Calls/${input.sid}.json`),
  }),
  list_calls: tool({
    description: 'List calls that were made and received, newest first.',
    effect: 'read',
    input: z.object({
      to: address.optional().describe('Only those to this number.'),
      from: address.optional().describe('Only those from this number.'),
      status: status.optional(),
      parent_call_sid: callSid.optional().describe('Only those that this call dialed.'),
      start_time: when.optional().describe('Only those that began on this day.'),
      start_time_after: when.optional().describe('Only those that began on this day or later.'),
      start_time_before: when.optional().describe('Only those that began before this day.'),
      page_size: pageSize,
    }),
    output: z.object({ calls: z.array(Call) }),
    request: (filter, { settings }: Context) => list(path`Accounts/${settings.account}/Calls.json`, filter),
    pages: pagesOf('calls'),
  }),
  end_call: tool({
    description: 'End a call. completed hangs up even if it is in progress; canceled only before it is picked up.',
    effect: 'write',
    input: one.extend({ status: z.enum(['completed', 'canceled']).default('completed') }),
    output: Call,
    request: ({ sid: call, ...change }, { settings }: Context) =>
      submit(path`Accounts/${settings.account}/Calls/${call}.json`, change),
    preview: (input) => `End the call ${input.sid}.`,
    undo: 'impossible',
    reconcile: 'Check the status with get_call.',
  }),
}
