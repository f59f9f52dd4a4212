/**
 * `@mcpclient/hello`: the living template, a connector to a guest book.
 */
export { hello } from './hello.ts'
export type { HelloTypes } from './hello.ts'
