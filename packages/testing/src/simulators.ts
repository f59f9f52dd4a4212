/** `@mcpclient/testing/simulators`: small, faithful models of providers, for tests of sync. */
export { simulatedGoogleCalendar } from './simulators/google-calendar.ts'
export type {
  SimulatedFailure,
  SimulatedGoogleCalendar,
  SimulatedGoogleCalendarOptions,
} from './simulators/google-calendar.ts'
export type { SimulatedNotificationOptions, SimulatedChannel } from './simulators/google-calendar/channels.ts'
export type { SimulatedReason } from './simulators/google-calendar/failure.ts'
export type {
  SimulatedEventTime,
  SimulatedCalendarSettings,
  SimulatedEvent,
} from './simulators/google-calendar/resource.ts'
export type { SimulatedOperation } from './simulators/google-calendar/routes.ts'
export { simulatedProvider } from './simulators/simulated-provider.ts'
export type {
  SimulatedPage,
  SimulatedProvider,
  SimulatedProviderOptions,
  SimulatedRecord,
} from './simulators/simulated-provider.ts'
