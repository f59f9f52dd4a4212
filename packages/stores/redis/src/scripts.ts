/**
 * The scripts of the store. Redis runs each one atomically. Every key of a script is passed to it, as a cluster requires.
 *
 * Reads are scripts, too: drivers that spread reads over replicas send scripts to the master, and a stale read of a
 * credential causes a needless refresh.
 *
 * A value is stored as 16 characters of version, followed by the string.
 */
export const scripts = {
  /** KEYS: the value. Returns the stored string, or nil. */
  get: `return redis.call('GET', KEYS[1])`,

  /**
   * KEYS: the value, the index, the ends. ARGV: the key, the string to store, 'any' | 'absent' | a version, milliseconds to
   * live or ''. Returns 1 if it wrote.
   *
   * A driver that lost its connection may send the same command again: its version is then stored already.
   *
   * The value is written last, because Redis does not roll back when a command in the middle fails: a key in the index
   * without a value counts as expired.
   *
   * Then it removes up to two expired keys: more than it can add, so that expired keys never accumulate. It compares
   * with the clock that expires the values, so both agree on the instant.
   */
  put: `
local stored = redis.call('GETRANGE', KEYS[1], 0, 15)
if ARGV[3] ~= 'any' and stored ~= string.sub(ARGV[2], 1, 16) then
  local expected = ARGV[3]
  if expected == 'absent' then expected = '' end
  if stored ~= expected then return 0 end
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[2], 0, ARGV[1])
local ending
if ARGV[4] == '' then
  redis.call('ZREM', KEYS[3], ARGV[1])
else
  ending = string.format('%.0f', now + ARGV[4])
  redis.call('ZADD', KEYS[3], ending, ARGV[1])
end
redis.call('SET', KEYS[1], ARGV[2])
if ending then redis.call('PEXPIREAT', KEYS[1], ending) end
local over = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', string.format('(%.0f', now), 'LIMIT', 0, 2)
for _, key in ipairs(over) do
  redis.call('ZREM', KEYS[2], key)
  redis.call('ZREM', KEYS[3], key)
end
return 1`,

  /** KEYS: the value, the index, the ends. ARGV: the key, 'any' | a version. Returns 1 if it removed a key. */
  delete: `
local stored = redis.call('GETRANGE', KEYS[1], 0, 15)
if stored == '' or (ARGV[2] ~= 'any' and stored ~= ARGV[2]) then return 0 end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
return 1`,

  /** KEYS: the index. ARGV: from, to, how many. Returns keys in order, including expired ones. */
  keys: `return redis.call('ZRANGEBYLEX', KEYS[1], ARGV[1], ARGV[2], 'LIMIT', 0, ARGV[3])`,

  /**
   * KEYS: the index, the ends, values. ARGV: bytes, the key of each value. Returns each stored string, or nil,
   * and stops after that many bytes. Removes expired keys from the index.
   */
  values: `
local left = tonumber(ARGV[1])
local kept = {}
for number = 3, #KEYS do
  if left <= 0 then break end
  local value = redis.call('GET', KEYS[number])
  kept[number - 2] = value
  if value then
    left = left - #value
  else
    redis.call('ZREM', KEYS[1], ARGV[number - 1])
    redis.call('ZREM', KEYS[2], ARGV[number - 1])
  end
end
return kept`,

  /**
   * KEYS: the bucket. ARGV: capacity, milliseconds to refill whole, cost. Returns milliseconds to wait; 0: taken.
   *
   * A bucket stores only the time at which it is full again (GCRA), and is absent after that. The time is the server's,
   * because clocks of hosts differ.
   */
  take: `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local refill = tonumber(ARGV[2])
local token = refill / tonumber(ARGV[1])
local full = tonumber(redis.call('GET', KEYS[1]) or now)
full = math.min(math.max(full, now), now + refill) + tonumber(ARGV[3]) * token
local wait = full - now - refill
if wait > token / 1000 then return math.ceil(wait) end
local life = string.format('%.0f', math.max(1, math.ceil(full - now)))
redis.call('SET', KEYS[1], string.format('%.17g', full), 'PX', life)
return 0`,

  /** KEYS: any key of the node. Returns its INFO about memory. */
  memory: `return redis.call('INFO', 'memory')`,
} as const

/** Returns whether a script writes, so that its outcome matters. */
export const isWrite = (script: string): boolean =>
  script === scripts.put || script === scripts.delete || script === scripts.take
