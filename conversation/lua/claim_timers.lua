-- Claim timers that are due: move each score into the future, so that nobody else takes it for a
-- while; only the commit it causes removes it.
--
-- KEYS  1 timers
-- ARGV  1 now (ms)  2 until (ms)  3 at most
-- returns the members claimed
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
for _, member in ipairs(due) do redis.call('ZADD', KEYS[1], ARGV[2], member) end
return due
