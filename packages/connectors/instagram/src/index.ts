/** `@mcpclient/instagram`: a professional account, for users who sign in with Instagram. */
export { verifyToken } from '@mcpclient/meta'
export { instagram } from './instagram.ts'
export type { InstagramTypes } from './instagram.ts'
