/** The abilities of a provider: the rows of the table of guarantees. */
export interface Kind {
  readonly creates: 'ids' | 'keys' | 'markers' | 'neither'
  readonly etags: boolean
  /** Whether a removal checks the etag, too. @default etags */
  readonly conditionalRemovals?: boolean
  readonly removals: 'fed' | 'hinted' | 'listed'
}

const full: Kind = { creates: 'ids', etags: true, removals: 'fed' }

export const kinds = {
  full,
  'no etags': { ...full, etags: false },
  'no etags of removals': { ...full, conditionalRemovals: false },
  'no tombstones': { ...full, removals: 'listed' },
  hinted: { ...full, removals: 'hinted' },
  keys: { ...full, creates: 'keys' },
  markers: { ...full, creates: 'markers' },
  neither: { ...full, creates: 'neither' },
} as const satisfies Record<string, Kind>

export type KindName = keyof typeof kinds
export const kindNames = Object.keys(kinds) as readonly KindName[]
