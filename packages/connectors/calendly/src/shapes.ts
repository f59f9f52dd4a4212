import { mark, noContent, nullable } from '@mcpclient/core/define'
import * as z from 'zod'

const text = nullable(z.string())
const flag = nullable(z.boolean())
const number = nullable(z.number())
const email = mark(z.string(), { private: true })
/** Text of invitees, who can be any visitor of a booking page. */
const written = nullable(mark(z.string(), { untrusted: true, private: true }))
/** An address that needs no sign-in. */
const link = nullable(mark(z.string(), { private: true }))
const at = text.describe('ISO 8601, in UTC.')

export const User = z.object({
  uri: z.string(),
  name: mark(z.string(), { private: true }),
  email: nullable(email),
  slug: text,
  scheduling_url: text.describe('The booking page of the user.'),
  timezone: text,
  current_organization: text.describe('The uri of the organization.'),
})

export const EventType = z.object({
  uri: z.string(),
  name: text,
  active: flag,
  kind: text.describe('solo or group.'),
  duration: number.describe('Minutes.'),
  scheduling_url: text.describe('Where it can be booked.'),
  description_plain: text,
  booking_method: text.describe('instant or poll.'),
  pooling_type: text.describe('round_robin or collective, for several hosts.'),
  secret: flag.describe('Not shown on the booking page.'),
  profile: nullable(z.object({ type: text, name: text, owner: text })),
  custom_questions: nullable(
    z.array(
      z.object({
        name: z.string(),
        type: text,
        required: flag,
        enabled: flag,
        answer_choices: nullable(z.array(z.string())),
      }),
    ),
  ),
})

export const AvailableTime = z.object({
  status: z.string(),
  start_time: z.string(),
  invitees_remaining: number,
  scheduling_url: text.describe('Where this time can be booked.'),
})

export const BusyTime = z.object({
  type: z.string().describe('calendly, or external for other calendars.'),
  start_time: z.string(),
  end_time: z.string(),
  buffered_start_time: at,
  buffered_end_time: at,
  event: nullable(z.object({ uri: z.string() })),
})

export const AvailabilitySchedule = z.object({
  uri: z.string(),
  name: text,
  default: flag,
  timezone: text,
  rules: z.array(
    z.object({
      type: z.string().describe('wday or date.'),
      wday: text,
      date: text,
      intervals: nullable(z.array(z.object({ from: text, to: text }))).describe('Local times: 08:30. Empty: no time.'),
    }),
  ),
})

const Cancellation = z.object({
  canceled_by: nullable(mark(z.string(), { private: true })),
  reason: written,
  canceler_type: text.describe('host or invitee.'),
})
export const Canceled = Cancellation

export const ScheduledEvent = z.object({
  uri: z.string(),
  name: text,
  status: z.string().describe('active or canceled.'),
  start_time: z.string(),
  end_time: z.string(),
  event_type: text.describe('The uri of the event type.'),
  location: nullable(z.object({ type: text, location: written, status: text, join_url: link })),
  invitees_counter: nullable(z.object({ total: number, active: number, limit: number })),
  event_memberships: nullable(z.array(z.object({ user: z.string() }))).describe('The hosts.'),
  event_guests: nullable(z.array(z.object({ email }))),
  cancellation: nullable(Cancellation),
  created_at: at,
  updated_at: at,
})

export const Invitee = z.object({
  uri: z.string(),
  name: written,
  email: nullable(email),
  status: z.string().describe('active or canceled.'),
  timezone: text,
  event: nullable(z.string()).describe('The uri of the scheduled event.'),
  questions_and_answers: nullable(z.array(z.object({ question: text, answer: written }))),
  text_reminder_number: nullable(mark(z.string(), { private: true })),
  rescheduled: flag,
  old_invitee: text.describe('The invitee before a reschedule.'),
  new_invitee: text.describe('The invitee after a reschedule.'),
  cancel_url: link.describe('Needs no sign-in, like reschedule_url.'),
  reschedule_url: link,
  cancellation: nullable(Cancellation),
  no_show: nullable(z.object({ uri: z.string(), created_at: at })),
  created_at: at,
  updated_at: at,
})

export const NoShow = z.object({ uri: z.string(), invitee: text, created_at: at })

export const Link = z.object({ booking_url: z.string(), owner: text })

export const Deleted = noContent(z.object({ deleted: z.literal(true) }))
