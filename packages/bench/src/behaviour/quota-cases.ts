export interface QuotaCase {
  readonly name: string
  readonly clients: number
  /** The share of the provider's limit that each client declares, from 0 to 1; undefined if it declares none. */
  readonly declaredShare: number | undefined
  /** The goal of the field's notes for the percentage of requests that the provider rejects. */
  readonly maxRejectedPercent: number
}

export const quotaCases: readonly QuotaCase[] = [
  { name: '1 client, limit declared', clients: 1, declaredShare: 1, maxRejectedPercent: 0.5 },
  { name: '1 client, limit unknown', clients: 1, declaredShare: undefined, maxRejectedPercent: 3 },
  { name: '4 clients, each declares a quarter', clients: 4, declaredShare: 0.25, maxRejectedPercent: 0.5 },
  { name: '4 clients, each declares all of it', clients: 4, declaredShare: 1, maxRejectedPercent: 5 },
  { name: '4 clients, limit unknown', clients: 4, declaredShare: undefined, maxRejectedPercent: 5 },
]
