/** `@mcpclient/testing/simulators`: small, faithful models of providers, for tests of sync. */
export { simulatedGmail } from './simulators/gmail.ts'
export type { SimulatedGmail, SimulatedGmailFailure, SimulatedGmailOptions, SimulatedMail } from './simulators/gmail.ts'
export type { SimulatedGmailReason } from './simulators/gmail/failure.ts'
export type { SimulatedGmailPushOptions } from './simulators/gmail/notifications.ts'
export type { SimulatedMessage } from './simulators/gmail/resources.ts'
export type { SimulatedGmailOperation } from './simulators/gmail/routes.ts'
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
export { simulatedGooglePeople } from './simulators/google-people.ts'
export type {
  SimulatedGooglePeople,
  SimulatedGooglePeopleOptions,
  SimulatedPeopleFailure,
} from './simulators/google-people.ts'
export type { SimulatedContact } from './simulators/google-people/contact.ts'
export type { SimulatedPeopleReason } from './simulators/google-people/failure.ts'
export type { SimulatedContactGroup } from './simulators/google-people/groups.ts'
export type { SimulatedPeopleOperation } from './simulators/google-people/routes.ts'
export { simulatedGraph } from './simulators/graph.ts'
export type { SimulatedGraph, SimulatedGraphFailure, SimulatedGraphOptions } from './simulators/graph.ts'
export type { SimulatedOutlookCalendar } from './simulators/graph/calendar/events.ts'
export type { SimulatedGraphCode } from './simulators/graph/failure.ts'
export type { SimulatedItems } from './simulators/graph/items.ts'
export type {
  SimulatedGraphNotificationOptions,
  SimulatedLifecycleEvent,
  SimulatedSubscription,
} from './simulators/graph/subscriptions.ts'
export type { SimulatedContactFolder } from './simulators/graph/contacts.ts'
export type { SimulatedTaskList } from './simulators/graph/tasks.ts'
export { simulatedProvider } from './simulators/simulated-provider.ts'
export type {
  SimulatedPage,
  SimulatedProvider,
  SimulatedProviderOptions,
  SimulatedRecord,
} from './simulators/simulated-provider.ts'
