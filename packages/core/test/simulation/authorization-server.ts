import type { GrantFlow } from '../../src/auth/grant-flow.ts'

/** The behaviour of a simulated provider. Durations are milliseconds. */
export interface ProviderModel {
  readonly name: ModelName
  readonly rotation: 'keep' | 'rotate' | 'single_use'
  /** The time in which a used refresh token is still accepted. */
  readonly reuseWindowMs: number
  /** Whether the reuse of a token revokes its whole family (RFC 9700, section 4.14.2). */
  readonly revokesFamily: boolean
  /** Whether access tokens are revoked with their family, or valid until they expire. */
  readonly endsAccess: boolean
  /** Whether a response contains the lifetime of its access token. */
  readonly saysLife: boolean
  /** Whether a response omits an unchanged refresh token. */
  readonly leavesOutSame: boolean
  readonly lifeMs: number
}

export type ModelName = (typeof modelNames)[number]
/** `strict`: single use. `window`: single use, with a reuse window of ten minutes. */
export const modelNames = ['strict', 'window', 'rotate', 'keep'] as const

/** Returns the refresh options of a connector for such a provider. */
export const refreshOf = ({ rotation, reuseWindowMs }: ProviderModel): GrantFlow['refresh'] => ({
  rotation,
  ...(rotation === 'single_use' && reuseWindowMs > 0 && { reuseWindowMs }),
})

/** The tokens that descend from one consent. */
export interface Family {
  readonly name: string
  ended?: { readonly why: 'user' | 'discarded' | 'reuse'; readonly shown?: RefreshToken }
}

export interface RefreshToken {
  readonly name: string
  readonly family: Family
  readonly parent: RefreshToken | undefined
  firstUsedAt: number
}

interface AccessToken {
  readonly family: Family
  readonly until: number
}

export interface Issued {
  readonly accessToken: string
  readonly refreshToken: RefreshToken
  /** False if the provider omits it from the response. */
  readonly saysRefreshToken: boolean
  readonly lifeMs: number | undefined
}

/** A rotating authorization server and its API, on the true clock. */
export class AuthorizationServer {
  readonly model: ProviderModel
  readonly #refreshTokens = new Map<string, RefreshToken>()
  readonly #accessTokens = new Map<string, AccessToken>()
  #made = 0

  constructor(model: ProviderModel) {
    this.model = model
  }

  /** Issues tokens for a new consent of the user. */
  consent(now: number): Issued {
    this.#made += 1
    return this.#issue(this.#refreshToken({ name: `family${this.#made}` }, undefined), now)
  }

  /** Exchanges a refresh token. Returns undefined for `invalid_grant`. */
  refresh(name: string, now: number): Issued | undefined {
    const token = this.#refreshTokens.get(name)
    if (token === undefined || token.family.ended !== undefined) return undefined
    const { rotation, revokesFamily } = this.model
    if (rotation === 'keep') return this.#issue(token, now)
    if (!this.#isExchangeable(token, now)) {
      if (revokesFamily) token.family.ended = { why: 'reuse', shown: token }
      return undefined
    }
    token.firstUsedAt = Math.min(token.firstUsedAt, now)
    return this.#issue(this.#refreshToken(token.family, token), now)
  }

  /** Returns whether this refresh token would be accepted now. */
  wouldAccept(name: string, now: number): boolean {
    const token = this.#refreshTokens.get(name)
    return token !== undefined && token.family.ended === undefined && this.#isExchangeable(token, now)
  }

  refreshToken(name: string | undefined): RefreshToken | undefined {
    return name === undefined ? undefined : this.#refreshTokens.get(name)
  }

  familyOf(accessToken: string): Family | undefined {
    return this.#accessTokens.get(accessToken)?.family
  }

  end(family: Family, why: 'user' | 'discarded'): void {
    family.ended ??= { why }
  }

  /** Returns whether the API accepts the token; otherwise it responds with 401. */
  accepts(accessToken: string, now: number): boolean {
    const token = this.#accessTokens.get(accessToken)
    if (token === undefined || now >= token.until) return false
    return token.family.ended === undefined || !this.model.endsAccess
  }

  #isExchangeable({ firstUsedAt }: RefreshToken, now: number): boolean {
    return firstUsedAt === Infinity || now < firstUsedAt + this.model.reuseWindowMs
  }

  #refreshToken(family: Family, parent: RefreshToken | undefined): RefreshToken {
    this.#made += 1
    const token = { name: `refresh${this.#made}`, family, parent, firstUsedAt: Infinity }
    this.#refreshTokens.set(token.name, token)
    return token
  }

  #issue(refreshToken: RefreshToken, now: number): Issued {
    this.#made += 1
    const accessToken = `access${this.#made}`
    const { lifeMs, saysLife, leavesOutSame, rotation } = this.model
    this.#accessTokens.set(accessToken, { family: refreshToken.family, until: now + lifeMs })
    return {
      accessToken,
      refreshToken,
      saysRefreshToken: !(leavesOutSame && rotation === 'keep'),
      lifeMs: saysLife ? lifeMs : undefined,
    }
  }
}
