import type { JsonSchema, Principal } from '@mcpclient/core'

/** What a server wants to know from a person. Show which server asks: its message is its own. */
export type ElicitQuestion = FormQuestion | UrlQuestion

export interface FormQuestion extends QuestionContext {
  readonly mode: 'form'
  readonly message: string
  /** A flat object of texts, numbers, yes/no and choices. Never ask for a password with it. */
  readonly schema: JsonSchema
}

/** The person is to do something on a page: sign in, pay. Ask for consent, and open it outside of your own window. */
export interface UrlQuestion extends QuestionContext {
  readonly mode: 'url'
  readonly message: string
  /** Show all of it before it is opened, and open nothing by yourself. */
  readonly url: string
  /** The host in the form that cannot be mistaken for another (punycode). */
  readonly host: string
}

export interface QuestionContext {
  readonly serverId: string
  /** Absent for a connection that all tenants share. */
  readonly tenant: string | undefined
  readonly connection: string
  /** What the server calls itself, unverified. */
  readonly server: string | undefined
  /** The calls that wait on this connection: it is one of them that the question is about, though servers do not say which. */
  readonly calls: readonly CallUnderWay[]
  /** Aborts when the answer is of no use any more. */
  readonly signal: AbortSignal
}

export interface CallUnderWay {
  readonly requestId: string
  readonly toolName: string
  readonly principal: Principal
}

/** `accept` with the form's values, or for a page with the person's consent; `decline`: no; `cancel`: no answer. */
export type ElicitAnswer =
  | { readonly action: 'accept'; readonly content?: Readonly<Record<string, FormValue>> | undefined }
  | { readonly action: 'decline' | 'cancel' }

export type FormValue = string | number | boolean | readonly string[]

/** Asks a person on behalf of a server. */
export type Elicitor = (question: ElicitQuestion) => Promise<ElicitAnswer>
