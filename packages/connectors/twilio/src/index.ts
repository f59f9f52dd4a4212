/** `@mcpclient/twilio`: Twilio's messages and calls, with the auth token of an account or with an API key. */
export { twilio, twilioApiKey } from './twilio.ts'
export type { TwilioApiKeyTypes, TwilioTypes } from './twilio.ts'
