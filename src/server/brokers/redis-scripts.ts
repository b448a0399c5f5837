/**
 * What the Redis broker does in one step, in Lua. Numbers are formatted by `%.0f`, because Lua would write large
 * ones with an exponent. Times are those of Redis, so that all nodes mean the same moment.
 */

/** A script, and how many of its first arguments are keys. */
export interface RedisScript {
  readonly name: string
  readonly lua: string
}

const CLOCK = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function whole(number) return string.format('%.0f', number) end
local function fieldsOf(item)
  local fields = {}
  for index = 1, #item[2], 2 do fields[item[2][index]] = item[2][index + 1] end
  return fields
end
`

/** KEYS: meta, log. Begins a stream that is not there: an old log without its counter is no history of the new one. */
const begin = (epoch: string, channel: string): string => `
local function begin()
  redis.call('DEL', KEYS[1], KEYS[2])
  redis.call('HSET', KEYS[1], 'epoch', ${epoch}, 'top', '0', 'size', '0', 'channel', ${channel})
end
`

/** Begins a stream anew where its followers are to hear of it. */
const beginAnew = (published: string): string => `
local function beginAnew()
  begin()
  redis.call('PUBLISH', ${published}, '{"epoch":' .. cjson.encode(ARGV[1]) .. ',"reset":true}')
end
`

/**
 * Whether a stream has fallen behind what a node has seen of it (`epoch top heard at`, or ''): writes that were confirmed are
 * lost, and their offsets would be given again.
 */
const IS_BEHIND = `
local function isBehind(epoch, top, seen)
  local known, least = string.match(seen, '^(%S+) (%d+) ')
  return known == epoch and top < tonumber(least)
end
`

/** Whether they were given again: the last message that a node heard is known by the time it was published at. It costs a look into the log. */
const IS_OTHER = `
local function isOther(epoch, seen)
  local known, heard, at = string.match(seen, '^(%S+) %d+ (%d+) (%d+)$')
  if known ~= epoch then return false end
  local item = redis.call('XRANGE', KEYS[2], heard .. '-0', heard .. '-0')[1]
  return item ~= nil and fieldsOf(item).at ~= at
end
`

/**
 * Numbers, stores and publishes a message as one step.
 *
 * KEYS: meta, log, and where there is an idempotency key, its own. ARGV: candidate epoch, channel, where to
 * publish, body, length of the body, covers, key as JSON or '', ttl or '', history count, size and age or '', how
 * long the meta lives, how long the idempotency key does (all ms), after when (epoch ms) its sender has given up, and
 * what it has seen of the stream. Returns epoch and offset of this message, or of the first one of the key.
 */
export const PUBLISH: RedisScript = {
  name: 'publish',
  lua: `${CLOCK}${begin('ARGV[1]', 'ARGV[2]')}${beginAnew('ARGV[3]')}${IS_BEHIND}
if now > tonumber(ARGV[14]) then return redis.error_reply('LATE its sender has given up') end
if KEYS[3] then
  local first = redis.call('GET', KEYS[3])
  if first then return {string.match(first, '^(%S+) (%d+)$')} end
end
local known = redis.call('HMGET', KEYS[1], 'epoch', 'top', 'size')
local epoch, top, size = known[1], tonumber(known[2] or ''), tonumber(known[3] or '') or 0
if not epoch or not top then
  begin()
  epoch, top, size = ARGV[1], 0, 0
elseif isBehind(epoch, top, ARGV[15]) then
  beginAnew()
  epoch, top, size = ARGV[1], 0, 0
end
local length = redis.call('XLEN', KEYS[2])
if length == 0 then size = 0 end
local from, offset = top + 1, top + tonumber(ARGV[6])
local head = '{"offset":' .. whole(offset) .. ','
if from ~= offset then head = '{"from":' .. whole(from) .. ',"offset":' .. whole(offset) .. ',' end
local text = head .. ARGV[4]
local own = #head + tonumber(ARGV[5])
local endsAt = ARGV[8] ~= '' and whole(now + tonumber(ARGV[8])) or nil
local count, most, age = tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11])

if count < 1 or own > most then
  redis.call('DEL', KEYS[2])
  size = 0
else
  local entry = {'from', whole(from), 'text', text, 'size', whole(own), 'at', whole(now)}
  if ARGV[7] ~= '' then entry[9], entry[10] = 'key', ARGV[7] end
  if endsAt then entry[#entry + 1], entry[#entry + 2] = 'endsAt', endsAt end
  redis.call('XADD', KEYS[2], whole(offset) .. '-0', unpack(entry))
  size, length = size + own, length + 1
  local cursor, kept = '-', nil
  while length > 0 do
    local oldest = redis.call('XRANGE', KEYS[2], cursor, '+', 'COUNT', 1)[1]
    if not oldest then break end
    local fields = fieldsOf(oldest)
    kept = oldest[1]
    if length <= count and size <= most and (not age or now - (tonumber(fields.at) or 0) <= age) then break end
    size, length, cursor = size - (tonumber(fields.size) or 0), length - 1, '(' .. oldest[1]
  end
  if cursor ~= '-' then redis.call('XTRIM', KEYS[2], 'MINID', kept) end
  redis.call('PEXPIRE', KEYS[2], age and ARGV[11] or ARGV[12])
end
redis.call('HSET', KEYS[1], 'top', whole(offset), 'size', whole(size), 'age', ARGV[11])
if endsAt then redis.call('HSET', KEYS[1], 'ends', whole(offset)) end
redis.call('PEXPIRE', KEYS[1], ARGV[12])
if KEYS[3] then redis.call('SET', KEYS[3], epoch .. ' ' .. whole(offset), 'PX', ARGV[13]) end

local parts = '{"epoch":' .. cjson.encode(epoch) .. ',"from":' .. whole(from) .. ',"offset":' .. whole(offset) .. ',"at":' .. whole(now)
if endsAt then parts = parts .. ',"endsAt":' .. endsAt end
if ARGV[7] ~= '' then parts = parts .. ',"key":' .. ARGV[7] end
redis.call('PUBLISH', ARGV[3], parts .. '}\\n' .. text)
return {epoch, whole(offset)}
`,
}

/** Entries at a time: a script must not hold a whole log of large messages at once. */
const CHUNK = 32

/**
 * What follows a position, as much as decides. It ends at the first entry that settles the answer: one beyond the
 * limits, one that has expired, one that does not join.
 *
 * KEYS: meta, log. ARGV: candidate epoch, channel, mode, epoch and offset of the position or '', recovery count and
 * size, how long the meta lives (ms), where to publish, what the node has seen of the stream. Returns epoch, top, now, entries.
 */
export const READ: RedisScript = {
  name: 'read',
  lua: `${CLOCK}${begin('ARGV[1]', 'ARGV[2]')}${beginAnew('ARGV[9]')}${IS_BEHIND}${IS_OTHER}
local known = redis.call('HMGET', KEYS[1], 'epoch', 'top', 'age', 'ends')
local epoch, top, age, ends = known[1], tonumber(known[2] or ''), tonumber(known[3] or ''), tonumber(known[4] or '') or 0
if not epoch or not top then
  begin()
  epoch, top = ARGV[1], 0
elseif isBehind(epoch, top, ARGV[10]) or isOther(epoch, ARGV[10]) then
  beginAnew()
  epoch, top, ends = ARGV[1], 0, 0
end
redis.call('PEXPIRE', KEYS[1], whole(math.max(tonumber(ARGV[8]), age or 0)))
-- A log without an age of its own lives as long as its meta.
if not age then redis.call('PEXPIRE', KEYS[2], ARGV[8]) end
local entries = {}
local function isOld(fields) return age and now - (tonumber(fields.at) or 0) > age end
if ARGV[3] == 'latest' then
  local newest = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]
  if newest and not isOld(fieldsOf(newest)) then entries[1] = newest end
  return {epoch, whole(top), whole(now), entries}
end
local position = tonumber(ARGV[5])
if ARGV[4] ~= epoch or not position or position >= top then return {epoch, whole(top), whole(now), entries} end

local count, most, size, isOver = tonumber(ARGV[6]), tonumber(ARGV[7]), 0, false
local cursor = '(' .. whole(position) .. '-0'
while true do
  local chunk = redis.call('XRANGE', KEYS[2], cursor, '+', 'COUNT', ${CHUNK})
  for _, item in ipairs(chunk) do
    local fields = fieldsOf(item)
    local hasExpired = fields.endsAt and tonumber(fields.endsAt) <= now
    local isFirst = #entries == 0
    cursor = '(' .. item[1]
    if not isFirst or not isOld(fields) then
      if not isOver or hasExpired then entries[#entries + 1] = item end
      local isApart = isFirst and (tonumber(fields.from) or 0) > position + 1
      if hasExpired or isApart then return {epoch, whole(top), whole(now), entries} end
      size = size + (tonumber(fields.size) or 0)
      if #entries > count or size > most then isOver = true end
      -- Too many it is, unless one of those behind has expired; where none of them ever will, that is all.
      if isOver and ends <= (tonumber(string.match(item[1], '^%d+')) or 0) then return {epoch, whole(top), whole(now), entries} end
    end
  end
  if #chunk < ${CHUNK} then return {epoch, whole(top), whole(now), entries} end
end
`,
}

/**
 * Messages before an offset, newest first. KEYS: meta, log. ARGV: candidate epoch, channel, the offset or '', how
 * many, how long the meta lives (ms). Returns epoch, top, now, entries.
 */
export const PAGE: RedisScript = {
  name: 'page',
  lua: `${CLOCK}${begin('ARGV[1]', 'ARGV[2]')}
local known = redis.call('HMGET', KEYS[1], 'epoch', 'top', 'age')
local epoch, top, age = known[1], tonumber(known[2] or ''), tonumber(known[3] or '')
if not epoch or not top then
  begin()
  redis.call('PEXPIRE', KEYS[1], ARGV[5])
  epoch, top = ARGV[1], 0
end
local entries = {}
for _, item in ipairs(redis.call('XREVRANGE', KEYS[2], ARGV[3] == '' and '+' or '(' .. ARGV[3] .. '-0', '-', 'COUNT', ARGV[4])) do
  local fields = fieldsOf(item)
  local isOld = age and now - (tonumber(fields.at) or 0) > age
  local hasExpired = fields.endsAt and tonumber(fields.endsAt) <= now
  if not isOld and not hasExpired then entries[#entries + 1] = item end
end
return {epoch, whole(top), whole(now), entries}
`,
}

/** Begins a stream anew and says so. KEYS: meta, log. ARGV: the epoch, channel, where to publish, how long the meta lives (ms). */
export const RESET: RedisScript = {
  name: 'reset',
  lua: `${begin('ARGV[1]', 'ARGV[2]')}${beginAnew('ARGV[3]')}
beginAnew()
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
`,
}

/**
 * Where a stream stands; it does not begin by this. KEYS: meta, log. ARGV: candidate epoch, where to publish, how long the
 * meta lives (ms), what the node has seen of the stream, and '1' where it has heard two messages with one offset, so that
 * there is no doubt. Returns epoch and offset, or nothing.
 */
export const STAND: RedisScript = {
  name: 'stand',
  lua: `${CLOCK}
local known = redis.call('HMGET', KEYS[1], 'epoch', 'top', 'channel')
local epoch, top = known[1], tonumber(known[2] or '')
if not epoch or not top then return false end
${begin('ARGV[1]', "known[3] or ''")}${beginAnew('ARGV[2]')}${IS_BEHIND}${IS_OTHER}
if isBehind(epoch, top, ARGV[4]) or isOther(epoch, ARGV[4]) or (ARGV[5] == '1' and string.match(ARGV[4], '^%S+') == epoch) then
  beginAnew()
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  epoch, top = ARGV[1], 0
end
return {epoch, whole(top)}
`,
}

/** Begins a message. KEYS: the result. ARGV: what a running one holds, how long that lasts (ms). Returns nothing where it was begun by this, else what is known. */
export const BEGIN: RedisScript = {
  name: 'begin',
  lua: `
local known = redis.call('GET', KEYS[1])
if known then return known end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return false
`,
}

/**
 * Notes an answer and tells it. The first answer stands. KEYS: the result. ARGV: what must be known for it or '',
 * what will be, or '' for nothing, how long that lasts (ms), where to publish, the notice. Returns whether it was noted.
 */
export const SETTLE: RedisScript = {
  name: 'settle',
  lua: `
local known = redis.call('GET', KEYS[1])
if known and string.sub(known, 1, 1) == 'a' then return 0 end
if ARGV[1] ~= '' and known ~= ARGV[1] then return 0 end
if ARGV[2] == '' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
redis.call('PUBLISH', ARGV[4], ARGV[5])
return 1
`,
}

/** All of them; they are handed to Redis at every connection. */
export const SCRIPTS: readonly RedisScript[] = [PUBLISH, READ, PAGE, RESET, STAND, BEGIN, SETTLE]
