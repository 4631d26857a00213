-- Commit events to one conversation, with everything that follows from them, or nothing at all.
--
-- Atomic: the dedupe test, the version test, the lease test, the test that what was shown has not
-- moved; then log, head, dedupe, reply buffer, job, timers, lists, outbox and the doorbell.
--
-- KEYS  1 log  2 head  3 dedupe  4 reply  5 reply text  6 jobs  7 timers  8 outbox
--       9 summaries  10 holds
-- ARGV  1 the plan, MessagePack; its fields are those of conversation/plan.py
-- returns {"committed", its own seq} | {"duplicate", its own seq then} | {"conflict"} | {"moved"} | {"fenced"}
local plan = cmsgpack.unpack(ARGV[1])

if plan.dedupe then
  local known = redis.call('HGET', KEYS[3], plan.dedupe)
  if known then
    local seq, digest = string.match(known, '^(%d+) (.*)$')
    if digest == plan.digest then return {'duplicate', tonumber(seq)} end
    return {'conflict'}
  end
end

local version = redis.call('LLEN', KEYS[1])
if version ~= plan.version then return {'moved'} end

local fence = plan.fence
if fence then
  local lease = redis.pcall('XPENDING', KEYS[6], plan.group, fence.job, fence.job, 1)[1]
  if not lease or lease[2] ~= fence.worker or lease[4] ~= fence.attempt then return {'fenced'} end
end

if plan.shown then
  local at = redis.call('HMGET', KEYS[4], 'turn', 'attempt', 'step', 'n')
  local shown = ''
  if at[1] then shown = table.concat(at, '.') end
  if shown ~= plan.shown then return {'moved'} end
end

redis.call('RPUSH', KEYS[1], unpack(plan.events))
redis.call('HSET', KEYS[2], 'state', plan.head, 'epoch', plan.epoch, 'turn', plan.turn)
if plan.shown then redis.call('HDEL', KEYS[2], 'still') end
if plan.dedupe then
  redis.call('HSET', KEYS[3], plan.dedupe, plan.own .. ' ' .. plan.digest)
end
if plan.drop_reply then redis.call('DEL', KEYS[4], KEYS[5]) end

if fence and fence.done then
  redis.call('XACK', KEYS[6], plan.group, fence.job)
  redis.call('XDEL', KEYS[6], fence.job)
end
for _, job in ipairs(plan.jobs) do
  redis.call('XADD', KEYS[6], '*', 'conversation', plan.conversation, 'kind', job[1], 'ref', job[2])
end
for _, timer in ipairs(plan.timers_set) do
  redis.call('ZADD', KEYS[7], timer[2], timer[1])
end
for _, member in ipairs(plan.timers_dropped) do
  redis.call('ZREM', KEYS[7], member)
end

if plan.listed then
  redis.call('HSET', KEYS[9], plan.conversation, plan.summary)
else
  redis.call('HDEL', KEYS[9], plan.conversation)
end
for _, hold in ipairs(plan.holds_set) do redis.call('HSET', KEYS[10], hold[1], hold[2]) end
for _, hold in ipairs(plan.holds_dropped) do redis.call('HDEL', KEYS[10], hold) end
redis.call('XADD', KEYS[8], 'MAXLEN', '~', plan.outbox_kept, '*',
  'conversation', plan.conversation, 'change', plan.change)

redis.call('PUBLISH', plan.feed, plan.doorbell)
if plan.cut then redis.call('PUBLISH', plan.cuts, plan.cut) end
return {'committed', plan.own}
