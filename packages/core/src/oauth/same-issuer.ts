/**
 * Compares two issuer identifiers as text. With an empty path, the spellings with and without the trailing slash are the
 * same URL and count as one issuer, because several large servers mix them. Every other difference is another issuer.
 */
export const isSameIssuer = (one: string, other: string): boolean =>
  one === other || (isRoot(one) && isRoot(other) && one.replace(/\/$/, '') === other.replace(/\/$/, ''))

/** An origin alone, with or without a slash after it. */
const isRoot = (issuer: string): boolean => /^https?:\/\/[^/?#]+\/?$/.test(issuer)
