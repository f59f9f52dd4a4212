/** `@mcpclient/slack`: Slack with the bot of an app that users install, or with a pasted token. */
export { slack } from './slack.ts'
export type { SlackTypes } from './slack.ts'
