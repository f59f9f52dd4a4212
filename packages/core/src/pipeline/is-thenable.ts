/** Whether a host's function returned a promise, including those of query builders, which are no `Promise`. */
export const isThenable = <Value>(value: Value | PromiseLike<Value>): value is PromiseLike<Value> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
