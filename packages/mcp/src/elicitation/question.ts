import type { JsonSchema, Principal } from '@mcpclient/core'

/** A question from a server to the user. Show which server asks, because the message is the server's own. */
export type ElicitQuestion = FormQuestion | UrlQuestion

export interface FormQuestion extends QuestionContext {
  readonly mode: 'form'
  readonly message: string
  /** A flat object of strings, numbers, booleans and choices. Never ask for a password with it. */
  readonly schema: JsonSchema
}

/** The user should do something on a page: sign in, pay. Ask for consent, and open it outside your own window. */
export interface UrlQuestion extends QuestionContext {
  readonly mode: 'url'
  readonly message: string
  /** Show all of it before the user opens it. Do not open or fetch it without the user. */
  readonly url: string
  /** The host in punycode, which cannot be mistaken for another. */
  readonly host: string
}

export interface QuestionContext {
  readonly serverId: string
  /** Undefined if all tenants share the session. */
  readonly tenant: string | undefined
  readonly connection: string
  /** The server's name for itself, unverified. */
  readonly server: string | undefined
  /** The pending calls of the session. The question is about one of them, but servers do not say which. */
  readonly calls: readonly PendingCall[]
  /** Aborts when the result is not needed anymore. */
  readonly signal: AbortSignal
}

export interface PendingCall {
  readonly requestId: string
  readonly toolName: string
  readonly principal: Principal
}

/**
 * The user's response. `accept`: the values of the form, or the consent to open the page. `decline`: the user
 * refused. `cancel`: the user did not choose.
 */
export type ElicitResponse =
  | { readonly action: 'accept'; readonly content?: Readonly<Record<string, FormValue>> | undefined }
  | { readonly action: 'decline' | 'cancel' }

export type FormValue = string | number | boolean | readonly string[]

/** Asks the user on behalf of a server. */
export type Elicitor = (question: ElicitQuestion) => Promise<ElicitResponse>
