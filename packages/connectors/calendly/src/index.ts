/** `@mcpclient/calendly`: Calendly's event types, events and invitees, for users who sign in or with a token. */
export { calendly } from './calendly.ts'
export type { CalendlyTypes } from './calendly.ts'
