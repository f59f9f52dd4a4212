/** `@mcpclient/facebook`: a page, for the users who manage it, and the pages of a user. */
export { verifyToken } from '@mcpclient/meta'
export { facebook } from './facebook.ts'
export type { FacebookTypes } from './facebook.ts'
export { facebookUser } from './facebook-user.ts'
export type { FacebookUserTypes } from './facebook-user.ts'
