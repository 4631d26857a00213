-- Count a call's amount against what one customer, or one target, has had of a tool.
--
-- Atomic: what lies in each limit's window is summed without this call's own earlier revisions and
-- those it takes the place of, and the amount stands unless it is above a limit that denies. The
-- same call and revision counts once, with the largest amount it was reserved with; an attempt at it
-- that is denied leaves alone what another reserved, which may be the one in the log.
--
-- KEYS  1 what was spent: a hash of "call:revision:currency" → "at since minor settled …"
-- ARGV  1 MessagePack: id, call, at (ms), minor, currency, told (the rest of the entry), keep_ms,
--         without (calls left out), limits (each its window_ms, max, denies)
-- returns the numbers, from 1, of the limits that the amount is above
local ask = cmsgpack.unpack(ARGV[1])

local without = { [ask.call] = true }
for _, call in ipairs(ask.without) do without[call] = true end

local sums = {}
for i = 1, #ask.limits do sums[i] = ask.minor end

local since, minor = ask.at, ask.minor
local entries = redis.call('HGETALL', KEYS[1])
for i = 1, #entries, 2 do
  local call, currency = string.match(entries[i], '^(.*):%d+:(%a+)$')
  local at, first, amount = string.match(entries[i + 1], '^(%d+) (%d+) (%d+) ')
  local age = ask.at - tonumber(at)
  if entries[i] == ask.id then
    since = tonumber(first)
    minor = math.max(minor, tonumber(amount))
  elseif age >= ask.keep_ms then
    redis.call('HDEL', KEYS[1], entries[i])
  elseif currency == ask.currency and not without[call] then
    for n, limit in ipairs(ask.limits) do
      if age < limit.window_ms then sums[n] = sums[n] + tonumber(amount) end
    end
  end
end

local above, denied = {}, false
for n, limit in ipairs(ask.limits) do
  if sums[n] > limit.max then
    above[#above + 1] = n
    denied = denied or limit.denies
  end
end

if not denied then
  local entry = string.format('%.0f %.0f %.0f 0 %s', ask.at, since, minor, ask.told)
  redis.call('HSET', KEYS[1], ask.id, entry)
  redis.call('PEXPIRE', KEYS[1], ask.keep_ms)
end
return above
