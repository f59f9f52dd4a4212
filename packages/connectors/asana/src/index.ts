/** `@mcpclient/asana`: the tasks and projects of Asana, for users who sign in or with a personal access token. */
export { asana } from './asana.ts'
export type { AsanaTypes } from './asana.ts'
