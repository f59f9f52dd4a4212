/** `@mcpclient/shapes`: shapes that several providers share, so that their records fill one table. */
export { CalendarEvent, EventTime } from './calendar-event.ts'
export { Contact } from './contact.ts'
export {
  addressOf,
  bracketed,
  Email,
  hasContent,
  hasRecipient,
  Mailbox,
  recipientsAndFiles,
  recipientsOf,
  unbracketed,
} from './email.ts'
export { Message } from './message.ts'
export { Task } from './task.ts'
export { fromWallTime, toWallTime } from './wall-time.ts'
export type { WallTime } from './wall-time.ts'
