/**
 * Each runs in Redis as one step that nothing can come between. Whatever key a script touches is passed to it, as a
 * cluster requires.
 *
 * Everything goes through scripts, reads too: drivers that spread reads over replicas leave scripts to the master, and
 * a stale read of a credential is a wasted refresh.
 *
 * A value is kept as 16 characters of version, and then the text.
 */
export const scripts = {
  /** KEYS: the value. Answers what is kept, or nil. */
  get: `return redis.call('GET', KEYS[1])`,

  /**
   * KEYS: the value, the index, the ends. ARGV: the key, what to keep, 'any' | 'absent' | a version, milliseconds to
   * live or ''. Answers 1 if it wrote.
   *
   * A driver that lost its connection may send the same command again: the version in it then stands there already.
   *
   * The value comes last, since Redis takes nothing back when a command in the middle fails: a key in the index without a
   * value has ended, and nothing else.
   *
   * Then it forgets up to two keys whose time is over: more than it can add, so that the dead never pile up.
   * They are judged by the clock, which is the one that has already ended them: both hold the same instant.
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

  /** KEYS: the value, the index, the ends. ARGV: the key, 'any' | a version. Answers 1 if it removed something. */
  delete: `
local stored = redis.call('GETRANGE', KEYS[1], 0, 15)
if stored == '' or (ARGV[2] ~= 'any' and stored ~= ARGV[2]) then return 0 end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
return 1`,

  /** KEYS: the index. ARGV: from, to, how many. Answers keys in order, the ended ones too. */
  keys: `return redis.call('ZRANGEBYLEX', KEYS[1], ARGV[1], ARGV[2], 'LIMIT', 0, ARGV[3])`,

  /**
   * KEYS: the index, the ends, values. ARGV: bytes, the key of each value. Answers what is kept in each, or nil, and
   * stops early where that is more than so many bytes. What has ended leaves the index.
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
   * KEYS: the bucket. ARGV: capacity, milliseconds to refill whole, cost. Answers milliseconds to wait; 0: taken.
   *
   * All that a bucket has to remember is when it is full again (GCRA), and when it is, it need not exist. The time is
   * the server's: clocks of hosts differ.
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

  /** KEYS: any key of the node to ask. Answers what it says of its memory. */
  memory: `return redis.call('INFO', 'memory')`,
} as const

/** Whether something is lost when nobody knows what became of the script. */
export const isWrite = (script: string): boolean =>
  script === scripts.put || script === scripts.delete || script === scripts.take
