/**
 * How far the clock of a server and that of this machine may differ, in seconds. It applies wherever OAuth compares times:
 * to the claims of an id_token, to assertions that we sign (issued that much earlier), and to the end of a registration.
 * A DPoP proof carries the current time, as RFC 9449 wants it.
 */
export const CLOCK_TOLERANCE_S = 60
