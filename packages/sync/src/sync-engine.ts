import { systemClock } from '@mcpclient/core'
import { forgetSync, runSync } from './engine.ts'
import type { RunOptions, SyncEngineOptions } from './options.ts'
import type { Choice } from './pairs.ts'
import { parkedRecords, resolveParked } from './parked-records.ts'
import type { Parked } from './parked-records.ts'
import { previewSync } from './preview.ts'
import type { PreviewOptions, SyncPreview } from './preview.ts'
import type { SyncResult } from './result.ts'

/** Syncs the records of one provider with one table of the host. */
export interface SyncEngine {
  /**
   * Runs one round, or the part of it that the limits allow; the next run continues it. Never rejects: a failure is in the
   * result. Two runs at once are safe: one of them stops.
   */
  run(options?: RunOptions): Promise<SyncResult>
  /** Lists what a run would do, without a write to either side or to the state. */
  preview(options?: PreviewOptions): Promise<SyncPreview>
  /** Yields what waits for a decision, and values that lost a conflict in the last 90 days. */
  parked(): AsyncIterable<Parked>
  /**
   * Decides a parked record. The next run applies it.
   * @param id of {@link Parked}
   * @throws ConnectorError `INVALID_INPUT` if there is no such record
   */
  resolve(id: string, choice: Choice): Promise<void>
  /** Removes the state. The next run is a first one. */
  forget(): Promise<void>
}

/**
 * Creates the two-way engine over two ports: `remote` for the provider, `replica` for the host. All state is in the store
 * under the prefix, so any process can do the next run.
 */
export function createSyncEngine(options: SyncEngineOptions): SyncEngine {
  const { clock = systemClock } = options
  return {
    run: (limits) => runSync(options, limits),
    preview: (limits) => previewSync(options, limits),
    parked: () => parkedRecords(options),
    resolve: (id, choice) => resolveParked(options, id, choice, clock.now()),
    forget: () => forgetSync(options),
  }
}
