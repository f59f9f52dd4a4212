import { aborts } from './transport-checks/aborts.ts'
import { bodies } from './transport-checks/bodies.ts'
import { failures } from './transport-checks/failures.ts'
import { requests } from './transport-checks/requests.ts'
import type { TransportCheck } from './transport-checks/transport-check.ts'

/** Every promise of the transport port, for any test runner. With vitest, call `transportContract`. */
export const transportChecks: readonly TransportCheck[] = [...requests, ...bodies, ...aborts, ...failures]
