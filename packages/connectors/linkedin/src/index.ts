/** `@mcpclient/linkedin`: posts of LinkedIn members and organizations, for users who sign in. */
export { linkedin } from './linkedin.ts'
export type { LinkedInTypes } from './linkedin.ts'
