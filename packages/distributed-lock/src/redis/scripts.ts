import { createHash } from "node:crypto";

/** A Lua script, by its text and by the SHA-1 that the server knows it by. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

/**
 * What the scripts share. All keys begin with `KEYS[1]`, which has a hash tag, so that one shard of a
 * cluster has them all:
 *
 * - `:session:<id>`: lives as long as the session does; its value is the session's ttl.
 * - `:deadlines`: sessions by when they end, for the collection of those that nobody looks for.
 * - `:places:<session>`, `:refused:<session>`: its places in queues, and those it may not take.
 * - `:order:<queue>`: the contenders' refs (`<token>:<x or s>:<id>`), by token.
 * - `:entries:<queue>`: by id, the ref, a line break, the metadata.
 * - `:token`: the last token.
 *
 * A session has ended once its key is gone, which is for ever; what it leaves is removed by the first
 * script that comes across it.
 */
const PRELUDE = `
local base = KEYS[1]
local function sessionKey(id) return base .. ':session:' .. id end
local function placesKey(id) return base .. ':places:' .. id end
local function refusedKey(id) return base .. ':refused:' .. id end
local function orderKey(queue) return base .. ':order:' .. queue end
local function entriesKey(queue) return base .. ':entries:' .. queue end
local function sessionOf(ref) return string.match(ref, '^%d+:%a:([^.]*)') end
local function placeOf(queue, id) return id .. '\\n' .. queue end

local function nowMicros()
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

local function refOf(queue, id)
  local entry = redis.call('HGET', entriesKey(queue), id)
  return entry and string.match(entry, '^[^\\n]*')
end

local function remove(queue, id)
  local ref = refOf(queue, id)
  if not ref then return end
  redis.call('ZREM', orderKey(queue), ref)
  redis.call('HDEL', entriesKey(queue), id)
  redis.call('PUBLISH', base .. ':gone:' .. ref, '')
end

local function endSession(session)
  for _, place in ipairs(redis.call('SMEMBERS', placesKey(session))) do
    local id, queue = string.match(place, '^([^\\n]*)\\n(.*)$')
    remove(queue, id)
  end
  redis.call('DEL', sessionKey(session), placesKey(session), refusedKey(session))
  redis.call('ZREM', base .. ':deadlines', session)
end

local function lives(session)
  if redis.call('EXISTS', sessionKey(session)) == 1 then return true end
  endSession(session)
  return false
end

local CHUNK = 16
local function aheadOf(queue, ref, roles, limit)
  local found, ended = {}, {}
  local above = '(' .. string.match(ref, '^%d+')
  while #found < limit do
    local chunk = redis.call('ZREVRANGEBYSCORE', orderKey(queue), above, '-inf', 'LIMIT', 0, CHUNK)
    if #chunk == 0 then break end
    for _, other in ipairs(chunk) do
      above = '(' .. string.match(other, '^%d+')
      local session = sessionOf(other)
      if not ended[session] then
        if not lives(session) then
          ended[session] = true
        elseif #found < limit and (roles == 'any' or string.match(other, '^%d+:x')) then
          found[#found + 1] = other
        end
      end
    end
  end
  return found
end

local function first(queue, limit)
  local found, ended = {}, {}
  local below = '-inf'
  while #found < limit do
    local chunk = redis.call('ZRANGEBYSCORE', orderKey(queue), below, '+inf', 'LIMIT', 0, CHUNK)
    if #chunk == 0 then break end
    for _, other in ipairs(chunk) do
      below = '(' .. string.match(other, '^%d+')
      local session = sessionOf(other)
      if not ended[session] then
        if not lives(session) then
          ended[session] = true
        elseif #found < limit then
          local id = string.match(other, '^%d+:%a:(.*)$')
          found[#found + 1] = redis.call('HGET', entriesKey(queue), id)
        end
      end
    end
  end
  return found
end
`;

function script(body: string): Script {
  const text = `${PRELUDE}${body}`;
  return { text, sha: createHash("sha1").update(text).digest("hex") };
}

/** Each call ends at most so many sessions that nobody came across. */
const COLLECTED_AT_ONCE = 16;

export const OPEN_SESSION: Script = script(`
local session, ttl = ARGV[1], ARGV[2]
local now = nowMicros() / 1000
local over = redis.call('ZRANGEBYSCORE', base .. ':deadlines', '-inf', now,
  'LIMIT', 0, ${COLLECTED_AT_ONCE})
for _, other in ipairs(over) do lives(other) end
redis.call('SET', sessionKey(session), ttl, 'PX', ttl)
redis.call('ZADD', base .. ':deadlines', now + ttl, session)
return 'ok'
`);

/** The ttl again, or -1. */
export const KEEP_ALIVE: Script = script(`
local session = ARGV[1]
if not lives(session) then return -1 end
local ttl = redis.call('GET', sessionKey(session))
redis.call('PEXPIRE', sessionKey(session), ttl)
redis.call('ZADD', base .. ':deadlines', nowMicros() / 1000 + ttl, session)
return tonumber(ttl)
`);

export const CLOSE_SESSION: Script = script(`
endSession(ARGV[1])
return 'ok'
`);

/**
 * The ref and those ahead, or nothing: refused. A token is the server's time in microseconds, but
 * always above the last one: so that what a failover lost is made up for by the time that it took.
 */
export const JOIN: Script = script(`
local queue, session, id, role, metadata, roles = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
if not lives(session) then return {} end
if redis.call('SISMEMBER', refusedKey(session), placeOf(queue, id)) == 1 then return {} end
local ref = refOf(queue, id)
if not ref then
  local last = tonumber(redis.call('GET', base .. ':token') or '0')
  local token = string.format('%.0f', math.max(last + 1, nowMicros()))
  redis.call('SET', base .. ':token', token)
  ref = token .. ':' .. role .. ':' .. id
  if redis.call('ZADD', orderKey(queue), token, ref) == redis.call('ZCARD', orderKey(queue)) then
    redis.call('PUBLISH', base .. ':joined:' .. queue, '')
  end
  redis.call('HSET', entriesKey(queue), id, ref .. '\\n' .. metadata)
  redis.call('SADD', placesKey(session), placeOf(queue, id))
end
local answer = aheadOf(queue, ref, roles, tonumber(ARGV[7]))
table.insert(answer, 1, ref)
return answer
`);

/** The ref and those ahead, or nothing: gone. */
export const STANDING: Script = script(`
local queue, session, id, roles = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if not lives(session) then return {} end
local ref = refOf(queue, id)
if not ref then return {} end
local answer = aheadOf(queue, ref, roles, tonumber(ARGV[5]))
table.insert(answer, 1, ref)
return answer
`);

export const LEAVE: Script = script(`
local queue, session, id, token = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if not lives(session) then return 'ok' end
local ref = refOf(queue, id)
if token == '' then redis.call('SADD', refusedKey(session), placeOf(queue, id)) end
if ref and (token == '' or token == string.match(ref, '^%d+')) then
  remove(queue, id)
  redis.call('SREM', placesKey(session), placeOf(queue, id))
end
return 'ok'
`);

export const CONTENDERS: Script = script(`
return first(ARGV[1], tonumber(ARGV[2]))
`);

/** The milliseconds that the contender's session has left, or -1: gone. */
export const TIME_LEFT: Script = script(`
local queue, ref = ARGV[1], ARGV[2]
local session = sessionOf(ref)
if not session or not lives(session) then return -1 end
if not redis.call('ZSCORE', orderKey(queue), ref) then return -1 end
return redis.call('PTTL', sessionKey(session))
`);
