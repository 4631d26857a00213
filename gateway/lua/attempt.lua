-- Count an attempt to sign in, unless it has to wait. From the allowed-th on each makes the next wait
-- twice as long as the one before. Both are one step: of many at once no more than allowed pass.
--
-- KEYS  1 failures  2 wait
-- ARGV  1 allowed  2 how long after the last failures are forgotten (s)  3 the longest wait (s)
-- returns 0 when it may be tried, else how long to wait (ms)
local waits = redis.call('PTTL', KEYS[2])
if waits > 0 then
  return waits
end
local failures = redis.call('INCR', KEYS[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
local beyond = failures - tonumber(ARGV[1]) + 1
if beyond > 0 then
  local wait_s = math.min(2 ^ beyond, tonumber(ARGV[3]))
  redis.call('SET', KEYS[2], 1, 'PX', wait_s * 1000)
end
return 0
